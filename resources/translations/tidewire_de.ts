<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>AdvancedTerms</name>
  <message>
   <source>Close limit price</source>
   <translation>Limitpreis der Schließung</translation>
  </message>
  <message>
   <source>Close order</source>
   <translation>Schließende Order</translation>
  </message>
  <message>
   <source>Close trigger price</source>
   <translation>Auslösepreis der Schließung</translation>
  </message>
  <message>
   <source>Own orders</source>
   <translation>Eigene Orders</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Reduce only</source>
   <translation>Nur verringern</translation>
  </message>
  <message>
   <source>Self-trade prevention</source>
   <translation>Schutz vor Eigenhandel</translation>
  </message>
  <message>
   <source>Starts in s</source>
   <translation>Beginnt in s</translation>
  </message>
  <message>
   <source>Starts in seconds</source>
   <translation>Beginnt in Sekunden</translation>
  </message>
  <message>
   <source>Then close</source>
   <translation>Dann schließen</translation>
  </message>
  <message>
   <source>Trigger</source>
   <translation>Auslöser</translation>
  </message>
  <message>
   <source>account default</source>
   <translation>wie im Konto</translation>
  </message>
  <message>
   <source>at once</source>
   <translation>sofort</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keine</translation>
  </message>
 </context>
 <context>
  <name>AgainDialog</name>
  <message>
   <source>Leave it</source>
   <translation>So lassen</translation>
  </message>
  <message>
   <source>Send again</source>
   <translation>Nochmals senden</translation>
  </message>
  <message>
   <source>The first attempt is proven absent. The price now: %1. A cancel by the order's id goes first.</source>
   <translation>Der erste Versuch ist nachweislich nicht angekommen. Preis jetzt: %1. Zuerst geht ein Storno mit der Kennung der Order.</translation>
  </message>
  <message>
   <source>market</source>
   <translation>Markt</translation>
  </message>
 </context>
 <context>
  <name>AgeText</name>
  <message>
   <source>Age of the data</source>
   <translation>Alter der Daten</translation>
  </message>
  <message>
   <source>Time since the data shown here last came</source>
   <translation>Zeit, seit die Daten hier zuletzt kamen</translation>
  </message>
 </context>
 <context>
  <name>AlarmBar</name>
  <message>
   <source>Alarms</source>
   <translation>Alarme</translation>
  </message>
  <message>
   <source>Cancel the orders named</source>
   <translation>Die genannten Orders stornieren</translation>
  </message>
  <message>
   <source>I have seen it</source>
   <translation>Gesehen</translation>
  </message>
  <message>
   <source>Let orders pass</source>
   <translation>Orders zulassen</translation>
  </message>
  <message>
   <source>■ KILL SWITCH: only cancels pass.</source>
   <translation>■ NOTSCHALTER: nur Stornos gehen durch.</translation>
  </message>
  <message>
   <source>▲ Journal unavailable: no new orders. Cancels work.</source>
   <translation>▲ Journal nicht verfügbar: keine neuen Orders. Stornos gehen.</translation>
  </message>
 </context>
 <context>
  <name>AlertBanner</name>
  <message>
   <source>Alert</source>
   <translation>Warnung</translation>
  </message>
  <message>
   <source>Mute 10 min</source>
   <translation>10 min stumm</translation>
  </message>
  <message>
   <source>Seen</source>
   <translation>Gesehen</translation>
  </message>
  <message>
   <source>TEST  </source>
   <translation>TEST  </translation>
  </message>
 </context>
 <context>
  <name>AlertDialog</name>
  <message>
   <source>Alert on %1</source>
   <translation>Warnung für %1</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Price of the alert</source>
   <translation>Preis der Warnung</translation>
  </message>
  <message>
   <source>Tells once when the pair trades there.</source>
   <translation>Meldet einmal, wenn das Paar dort gehandelt wird.</translation>
  </message>
  <message>
   <source>Tells once when the price falls to it.</source>
   <translation>Meldet einmal, wenn der Preis darauf fällt.</translation>
  </message>
  <message>
   <source>Tells once when the price rises to it.</source>
   <translation>Meldet einmal, wenn der Preis darauf steigt.</translation>
  </message>
  <message>
   <source>The price is not a multiple of the tick.</source>
   <translation>Der Preis ist kein Vielfaches der Preisstufe.</translation>
  </message>
 </context>
 <context>
  <name>AlertsView</name>
  <message>
   <source>Mute 1 h</source>
   <translation>1 h stumm</translation>
  </message>
  <message>
   <source>Mute 10 min</source>
   <translation>10 min stumm</translation>
  </message>
  <message>
   <source>Test</source>
   <translation>Probe</translation>
  </message>
  <message>
   <source>Unmute</source>
   <translation>Wieder laut</translation>
  </message>
  <message>
   <source>What was told, and how it reached you, is listed here.</source>
   <translation>Hier steht, was gemeldet wurde und wie es Sie erreichte.</translation>
  </message>
 </context>
 <context>
  <name>AmendDialog</name>
  <message>
   <source>Amend %1</source>
   <translation>%1 ändern</translation>
  </message>
  <message>
   <source>Keeps its place in the queue.</source>
   <translation>Behält ihren Platz in der Schlange.</translation>
  </message>
  <message>
   <source>Loses its place in the queue.</source>
   <translation>Verliert ihren Platz in der Schlange.</translation>
  </message>
  <message>
   <source>New limit price</source>
   <translation>Neuer Limitpreis</translation>
  </message>
  <message>
   <source>New total quantity</source>
   <translation>Neue Gesamtmenge</translation>
  </message>
  <message>
   <source>Nothing changed.</source>
   <translation>Nichts geändert.</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Quantity</source>
   <translation>Menge</translation>
  </message>
  <message>
   <source>That much is filled already; cancel the order instead.</source>
   <translation>So viel ist schon ausgeführt; stornieren Sie die Order stattdessen.</translation>
  </message>
  <message>
   <source>The price is not a multiple of the tick.</source>
   <translation>Der Preis ist kein Vielfaches der Preisstufe.</translation>
  </message>
  <message>
   <source>The quantity is not valid for this pair.</source>
   <translation>Die Menge ist für dieses Paar nicht gültig.</translation>
  </message>
 </context>
 <context>
  <name>Arming</name>
  <message>
   <source>idle</source>
   <translation>untätig</translation>
  </message>
  <message>
   <source>kill switch</source>
   <translation>Notschalter</translation>
  </message>
  <message>
   <source>the pair changed</source>
   <translation>das Paar hat gewechselt</translation>
  </message>
  <message>
   <source>the window was left</source>
   <translation>das Fenster wurde verlassen</translation>
  </message>
 </context>
 <context>
  <name>Automation</name>
  <message>
   <source>Dead-man's switch</source>
   <translation>Totmannschalter</translation>
  </message>
 </context>
 <context>
  <name>BalancesView</name>
  <message>
   <source>Not verified: %1</source>
   <translation>Nicht geprüft: %1</translation>
  </message>
  <message>
   <source>What the account owns appears here, once the exchange has told it.</source>
   <translation>Hier erscheint, was das Konto besitzt, sobald die Börse es gemeldet hat.</translation>
  </message>
  <message>
   <source>Worth %1 USD</source>
   <translation>Wert %1 USD</translation>
  </message>
 </context>
 <context>
  <name>Bookkeeping</name>
  <message>
   <source>%1 is as it was written: %2 records. Final hash %3</source>
   <translation>%1 ist, wie es geschrieben wurde: %2 Einträge. Letzter Hash %3</translation>
  </message>
  <message>
   <source>%1 sealed, %2 records: %3. Final hash %4</source>
   <translation>%1 versiegelt, %2 Einträge: %3. Letzter Hash %4</translation>
  </message>
  <message>
   <source>%1 was changed: line %2</source>
   <translation>%1 wurde verändert: Zeile %2</translation>
  </message>
 </context>
 <context>
  <name>ChartBar</name>
  <message>
   <source>&amp;Exponential (EMA)</source>
   <translation>&amp;Exponentiell (EMA)</translation>
  </message>
  <message>
   <source>&amp;Simple (SMA)</source>
   <translation>Ein&amp;fach (SMA)</translation>
  </message>
  <message>
   <source>Alerts</source>
   <translation>Warnungen</translation>
  </message>
  <message>
   <source>Averages</source>
   <translation>Mittel</translation>
  </message>
  <message>
   <source>Interval</source>
   <translation>Intervall</translation>
  </message>
  <message>
   <source>Logarithmic price scale</source>
   <translation>Logarithmische Preisachse</translation>
  </message>
  <message>
   <source>log</source>
   <translation>log</translation>
  </message>
 </context>
 <context>
  <name>ChartOrders</name>
  <message>
   <source>alert</source>
   <translation>Warnung</translation>
  </message>
  <message>
   <source>amending</source>
   <translation>wird geändert</translation>
  </message>
  <message>
   <source>cancelling</source>
   <translation>wird storniert</translation>
  </message>
  <message>
   <source>post-only: would be refused</source>
   <translation>Post-only: würde abgelehnt</translation>
  </message>
  <message>
   <source>sending</source>
   <translation>wird gesendet</translation>
  </message>
  <message>
   <source>trigger</source>
   <translation>Auslöser</translation>
  </message>
  <message>
   <source>unknown</source>
   <translation>unbekannt</translation>
  </message>
  <message>
   <source>would take</source>
   <translation>würde nehmen</translation>
  </message>
  <message>
   <source>would trigger at once</source>
   <translation>würde sofort auslösen</translation>
  </message>
 </context>
 <context>
  <name>ChartReadout</name>
  <message>
   <source>Candle</source>
   <translation>Kerze</translation>
  </message>
  <message>
   <source>Open to close</source>
   <translation>Eröffnung bis Schluss</translation>
  </message>
  <message>
   <source>VWAP since %1</source>
   <translation>VWAP seit %1</translation>
  </message>
  <message>
   <source>Volume, base</source>
   <translation>Volumen, Basis</translation>
  </message>
 </context>
 <context>
  <name>Columns</name>
  <message>
   <source>2 min</source>
   <translation>2 min</translation>
  </message>
  <message>
   <source>24h</source>
   <translation>24h</translation>
  </message>
  <message>
   <source>Age</source>
   <translation>Alter</translation>
  </message>
  <message>
   <source>Alert</source>
   <translation>Warnung</translation>
  </message>
  <message>
   <source>Allocated</source>
   <translation>Zugeteilt</translation>
  </message>
  <message>
   <source>Ask from</source>
   <translation>Fragen ab</translation>
  </message>
  <message>
   <source>Asset</source>
   <translation>Wert</translation>
  </message>
  <message>
   <source>Avg</source>
   <translation>Schnitt</translation>
  </message>
  <message>
   <source>Avg cost</source>
   <translation>Einstand</translation>
  </message>
  <message>
   <source>Basis</source>
   <translation>Einstand</translation>
  </message>
  <message>
   <source>Block above</source>
   <translation>Sperren ab</translation>
  </message>
  <message>
   <source>Channel</source>
   <translation>Kanal</translation>
  </message>
  <message>
   <source>Cost</source>
   <translation>Kosten</translation>
  </message>
  <message>
   <source>Day</source>
   <translation>Tag</translation>
  </message>
  <message>
   <source>Event</source>
   <translation>Ereignis</translation>
  </message>
  <message>
   <source>Fee</source>
   <translation>Gebühr</translation>
  </message>
  <message>
   <source>Fees</source>
   <translation>Gebühren</translation>
  </message>
  <message>
   <source>Fill</source>
   <translation>Ausf.</translation>
  </message>
  <message>
   <source>Filled</source>
   <translation>Ausgef.</translation>
  </message>
  <message>
   <source>For</source>
   <translation>Seit</translation>
  </message>
  <message>
   <source>Id</source>
   <translation>Kennung</translation>
  </message>
  <message>
   <source>In use</source>
   <translation>Belegt</translation>
  </message>
  <message>
   <source>Kind</source>
   <translation>Art</translation>
  </message>
  <message>
   <source>Level</source>
   <translation>Stufe</translation>
  </message>
  <message>
   <source>Limit</source>
   <translation>Limit</translation>
  </message>
  <message>
   <source>Line</source>
   <translation>Leitung</translation>
  </message>
  <message>
   <source>Mark</source>
   <translation>Kurs</translation>
  </message>
  <message>
   <source>Muted</source>
   <translation>Stumm</translation>
  </message>
  <message>
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <source>Now</source>
   <translation>Jetzt</translation>
  </message>
  <message>
   <source>Of</source>
   <translation>Von</translation>
  </message>
  <message>
   <source>Open</source>
   <translation>Offen</translation>
  </message>
  <message>
   <source>P&amp;L</source>
   <translation>Ergebnis</translation>
  </message>
  <message>
   <source>Pair</source>
   <translation>Paar</translation>
  </message>
  <message>
   <source>Position</source>
   <translation>Position</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Qty</source>
   <translation>Menge</translation>
  </message>
  <message>
   <source>Reason</source>
   <translation>Grund</translation>
  </message>
  <message>
   <source>Road</source>
   <translation>Weg</translation>
  </message>
  <message>
   <source>Role</source>
   <translation>Rolle</translation>
  </message>
  <message>
   <source>Severity</source>
   <translation>Schwere</translation>
  </message>
  <message>
   <source>Share</source>
   <translation>Anteil</translation>
  </message>
  <message>
   <source>Side</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>Source</source>
   <translation>Quelle</translation>
  </message>
  <message>
   <source>Spr</source>
   <translation>Spr</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Stand</translation>
  </message>
  <message>
   <source>Symbol</source>
   <translation>Symbol</translation>
  </message>
  <message>
   <source>TIF</source>
   <translation>TIF</translation>
  </message>
  <message>
   <source>Text</source>
   <translation>Text</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>Zeit</translation>
  </message>
  <message>
   <source>Told by</source>
   <translation>Gemeldet</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Art</translation>
  </message>
  <message>
   <source>Type from</source>
   <translation>Eingeben ab</translation>
  </message>
  <message>
   <source>USD</source>
   <translation>USD</translation>
  </message>
  <message>
   <source>Unit</source>
   <translation>Einheit</translation>
  </message>
  <message>
   <source>Vol</source>
   <translation>Vol</translation>
  </message>
  <message>
   <source>What</source>
   <translation>Was</translation>
  </message>
  <message>
   <source>What it does</source>
   <translation>Was sie tut</translation>
  </message>
  <message>
   <source>What to do</source>
   <translation>Was zu tun ist</translation>
  </message>
  <message>
   <source>msg/s</source>
   <translation>msg/s</translation>
  </message>
  <message>
   <source>p50</source>
   <translation>p50</translation>
  </message>
  <message>
   <source>p99</source>
   <translation>p99</translation>
  </message>
 </context>
 <context>
  <name>CommandPalette</name>
  <message>
   <source> away</source>
   <translation> entfernt</translation>
  </message>
  <message>
   <source>%1 orders are cancelled first</source>
   <translation>Zuerst werden %1 Orders storniert</translation>
  </message>
  <message>
   <source>Cancel %1 open orders on %2</source>
   <translation>%1 offene Orders auf %2 stornieren</translation>
  </message>
  <message>
   <source>Cannot flatten %1</source>
   <translation>%1 kann nicht glattgestellt werden</translation>
  </message>
  <message>
   <source>Command or order</source>
   <translation>Befehl oder Order</translation>
  </message>
  <message>
   <source>Command palette</source>
   <translation>Befehlspalette</translation>
  </message>
  <message>
   <source>Flatten %1</source>
   <translation>%1 glattstellen</translation>
  </message>
  <message>
   <source>Go to %1</source>
   <translation>Zu %1</translation>
  </message>
  <message>
   <source>Layout %1</source>
   <translation>Layout %1</translation>
  </message>
  <message>
   <source>Nearest: %1</source>
   <translation>Nächster Wert: %1</translation>
  </message>
  <message>
   <source>Not an order yet</source>
   <translation>Noch keine Order</translation>
  </message>
  <message>
   <source>Not now: %1</source>
   <translation>Jetzt nicht: %1</translation>
  </message>
  <message>
   <source>Show %1</source>
   <translation>%1 zeigen</translation>
  </message>
  <message>
   <source>Theme %1</source>
   <translation>Farben %1</translation>
  </message>
  <message>
   <source>What Enter does</source>
   <translation>Was die Eingabetaste tut</translation>
  </message>
  <message>
   <source>all pairs</source>
   <translation>allen Paaren</translation>
  </message>
  <message>
   <source>buy 0.1 btc/usd limit 60000 post · or a command</source>
   <translation>buy 0.1 btc/usd limit 60000 post · oder ein Befehl</translation>
  </message>
  <message>
   <source>post only</source>
   <translation>nur einstellen</translation>
  </message>
  <message>
   <source>reduce only</source>
   <translation>nur verringern</translation>
  </message>
  <message>
   <source>then %1</source>
   <translation>dann %1</translation>
  </message>
  <message>
   <source>trigger %1</source>
   <translation>Auslöser %1</translation>
  </message>
  <message>
   <source>waiting for %1</source>
   <translation>wartet auf %1</translation>
  </message>
 </context>
 <context>
  <name>Commands</name>
  <message>
   <source> at %1</source>
   <translation> zu %1</translation>
  </message>
  <message>
   <source>%1 events exported: %2</source>
   <translation>%1 Ereignisse exportiert: %2</translation>
  </message>
  <message>
   <source>%1 flattened: %2 cancelled, %3 traded</source>
   <translation>%1 glattgestellt: %2 storniert, %3 gehandelt</translation>
  </message>
  <message>
   <source>%1 orders sent, %2 not accepted</source>
   <translation>%1 Orders gesendet, %2 nicht angenommen</translation>
  </message>
  <message>
   <source>, still %1 off</source>
   <translation>, noch %1 daneben</translation>
  </message>
  <message>
   <source>Amend %1</source>
   <translation>%1 ändern</translation>
  </message>
  <message>
   <source>Flatten %1</source>
   <translation>%1 glattstellen</translation>
  </message>
  <message>
   <source>Incident saved: %1</source>
   <translation>Vorfall gesichert: %1</translation>
  </message>
  <message>
   <source>No open orders on %1</source>
   <translation>Keine offenen Orders auf %1</translation>
  </message>
  <message>
   <source>Send again %1</source>
   <translation>Nochmals senden: %1</translation>
  </message>
  <message>
   <source>all pairs</source>
   <translation>allen Paaren</translation>
  </message>
  <message>
   <source>pulled by hand</source>
   <translation>von Hand gezogen</translation>
  </message>
 </context>
 <context>
  <name>ConsentBar</name>
  <message>
   <source>Type the quantity again</source>
   <translation>Menge noch einmal eingeben</translation>
  </message>
  <message>
   <source>type the quantity to send it</source>
   <translation>Menge eingeben, um zu senden</translation>
  </message>
 </context>
 <context>
  <name>ConsentDialog</name>
  <message>
   <source>Hold to send</source>
   <translation>Zum Senden halten</translation>
  </message>
  <message>
   <source>Leave it</source>
   <translation>So lassen</translation>
  </message>
  <message>
   <source>Send</source>
   <translation>Senden</translation>
  </message>
  <message>
   <source>Unusual order</source>
   <translation>Ungewöhnliche Order</translation>
  </message>
 </context>
 <context>
  <name>DeadManDialog</name>
  <message>
   <source>A timer at the exchange, renewed every 20 seconds while this program is healthy. When it is not renewed for 60 seconds, EVERY open order of the account is cancelled: those of other programs and machines too, and the stops that guard your positions.</source>
   <translation>Eine Uhr bei der Börse, alle 20 Sekunden erneuert, solange dieses Programm gesund ist. Wird sie 60 Sekunden lang nicht erneuert, wird JEDE offene Order des Kontos storniert: auch die anderer Programme und Rechner und die Stops, die Ihre Positionen schützen.</translation>
  </message>
  <message>
   <source>Arm for 60 s</source>
   <translation>Für 60 s scharf stellen</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Dead-man's switch</source>
   <translation>Totmannschalter</translation>
  </message>
  <message>
   <source>Disarm</source>
   <translation>Entschärfen</translation>
  </message>
  <message>
   <source>It cancelled %1 orders known here:</source>
   <translation>Er hat %1 hier bekannte Orders storniert:</translation>
  </message>
  <message>
   <source>It would cancel %1 orders:</source>
   <translation>Er würde %1 Orders stornieren:</translation>
  </message>
  <message>
   <source>Orders</source>
   <translation>Orders</translation>
  </message>
  <message>
   <source>Pause for maintenance</source>
   <translation>Für Wartung anhalten</translation>
  </message>
  <message>
   <source>Renew</source>
   <translation>Erneuern</translation>
  </message>
 </context>
 <context>
  <name>DepthCanvas</name>
  <message>
   <source>Depth curves</source>
   <translation>Tiefenkurven</translation>
  </message>
 </context>
 <context>
  <name>DepthView</name>
  <message>
   <source>Book up to the pointer</source>
   <translation>Orderbuch bis zum Zeiger</translation>
  </message>
  <message>
   <source>Cost of the size</source>
   <translation>Kosten der Größe</translation>
  </message>
  <message>
   <source>Levels a side</source>
   <translation>Stufen je Seite</translation>
  </message>
  <message>
   <source>Size to try</source>
   <translation>Größe zum Ausprobieren</translation>
  </message>
  <message>
   <source>Type a size: average price and slippage of taking it</source>
   <translation>Größe eingeben: Durchschnittspreis und Slippage, wenn man sie nimmt</translation>
  </message>
  <message>
   <source>Type a size: price and slippage</source>
   <translation>Menge eingeben: Preis und Slippage</translation>
  </message>
  <message>
   <source>size</source>
   <translation>Größe</translation>
  </message>
 </context>
 <context>
  <name>DockTitle</name>
  <message>
   <source>Alone</source>
   <translation>Allein</translation>
  </message>
  <message>
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <source>Float or dock</source>
   <translation>Lösen oder andocken</translation>
  </message>
  <message>
   <source>Group %1</source>
   <translation>Gruppe %1</translation>
  </message>
  <message>
   <source>Link group</source>
   <translation>Verbindungsgruppe</translation>
  </message>
  <message>
   <source>Link group %1: panels of a group show the same pair</source>
   <translation>Gruppe %1: Panels einer Gruppe zeigen dasselbe Paar</translation>
  </message>
 </context>
 <context>
  <name>Docks</name>
  <message>
   <source>Panels</source>
   <translation>Bereiche</translation>
  </message>
 </context>
 <context>
  <name>DrillDialog</name>
  <message>
   <source>End the fault now</source>
   <translation>Störung jetzt beenden</translation>
  </message>
  <message>
   <source>Faults</source>
   <translation>Störungen</translation>
  </message>
  <message>
   <source>Fire drill</source>
   <translation>Störungsübung</translation>
  </message>
  <message>
   <source>No order was sent: nothing to judge</source>
   <translation>Es wurde keine Order gesendet: nichts zu beurteilen</translation>
  </message>
  <message>
   <source>Nothing was broken yet. Start, and watch the window.</source>
   <translation>Noch wurde nichts gestört. Beginnen Sie und beobachten Sie das Fenster.</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>Beginnen</translation>
  </message>
  <message>
   <source>What was seen</source>
   <translation>Was zu sehen war</translation>
  </message>
 </context>
 <context>
  <name>EventsView</name>
  <message>
   <source>Account</source>
   <translation>Konto</translation>
  </message>
  <message>
   <source>All</source>
   <translation>Alle</translation>
  </message>
  <message>
   <source>Channels</source>
   <translation>Kanäle</translation>
  </message>
  <message>
   <source>Connections, resyncs and refusals are listed here as they happen.</source>
   <translation>Verbindungen, Abgleiche und Ablehnungen stehen hier, sobald sie geschehen.</translation>
  </message>
  <message>
   <source>Errors</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <source>Everything</source>
   <translation>Alles</translation>
  </message>
  <message>
   <source>Export events</source>
   <translation>Ereignisse exportieren</translation>
  </message>
  <message>
   <source>Export…</source>
   <translation>Exportieren…</translation>
  </message>
  <message>
   <source>Filter</source>
   <translation>Filter</translation>
  </message>
  <message>
   <source>Filter events</source>
   <translation>Ereignisse filtern</translation>
  </message>
  <message>
   <source>Least severity</source>
   <translation>Mindestschwere</translation>
  </message>
  <message>
   <source>Lines</source>
   <translation>Leitungen</translation>
  </message>
  <message>
   <source>No event passes this filter.</source>
   <translation>Kein Ereignis besteht diesen Filter.</translation>
  </message>
  <message>
   <source>Orders</source>
   <translation>Orders</translation>
  </message>
  <message>
   <source>Own orders</source>
   <translation>Eigene Orders</translation>
  </message>
  <message>
   <source>Program</source>
   <translation>Programm</translation>
  </message>
  <message>
   <source>Tables (*.csv)</source>
   <translation>Tabellen (*.csv)</translation>
  </message>
  <message>
   <source>Warnings</source>
   <translation>Warnungen</translation>
  </message>
  <message>
   <source>What events are about</source>
   <translation>Wovon Ereignisse handeln</translation>
  </message>
  <message>
   <source>Writes the rows shown as CSV, without secrets and account ids</source>
   <translation>Schreibt die gezeigten Zeilen als CSV, ohne Geheimnisse und Kontonummern</translation>
  </message>
 </context>
 <context>
  <name>ExtraPanels</name>
  <message>
   <source>Link group: %1</source>
   <translation>Gruppe: %1</translation>
  </message>
  <message>
   <source>No more than %1 panels.</source>
   <translation>Nicht mehr als %1 Panels.</translation>
  </message>
  <message>
   <source>This panel always shows the traded pair.</source>
   <translation>Dieses Panel zeigt immer das gehandelte Paar.</translation>
  </message>
 </context>
 <context>
  <name>FillsView</name>
  <message>
   <source>Executions of your orders appear here, newest first.</source>
   <translation>Hier erscheinen die Ausführungen Ihrer Orders, die neueste zuerst.</translation>
  </message>
 </context>
 <context>
  <name>FlattenDialog</name>
  <message>
   <source>At most worse than the touch</source>
   <translation>Höchstens schlechter als die Spitze</translation>
  </message>
  <message>
   <source>Come back to (%1)</source>
   <translation>Zurück auf (%1)</translation>
  </message>
  <message>
   <source>Flatten %1</source>
   <translation>%1 glattstellen</translation>
  </message>
  <message>
   <source>HOLD TO FLATTEN</source>
   <translation>HALTEN ZUM GLATTSTELLEN</translation>
  </message>
  <message>
   <source>Inventory to come back to</source>
   <translation>Bestand, auf den zurückgegangen wird</translation>
  </message>
  <message>
   <source>Leave as it is</source>
   <translation>Lassen, wie es ist</translation>
  </message>
  <message>
   <source>Type the inventory to come back to, 0 for none.</source>
   <translation>Bestand eingeben, auf den zurückgegangen wird, 0 für keinen.</translation>
  </message>
  <message>
   <source>Worst price against the touch</source>
   <translation>Schlechtester Preis gegen die Spitze</translation>
  </message>
 </context>
 <context>
  <name>GuideDialog</name>
  <message>
   <source>Find in this page</source>
   <translation>Auf dieser Seite suchen</translation>
  </message>
  <message>
   <source>Guide</source>
   <translation>Handbuch</translation>
  </message>
  <message>
   <source>Pages of the guide</source>
   <translation>Seiten des Handbuchs</translation>
  </message>
  <message>
   <source>Running it</source>
   <translation>Betrieb</translation>
  </message>
  <message>
   <source>Security</source>
   <translation>Sicherheit</translation>
  </message>
  <message>
   <source>Strategies</source>
   <translation>Strategien</translation>
  </message>
  <message>
   <source>Using it</source>
   <translation>Bedienung</translation>
  </message>
 </context>
 <context>
  <name>Hands</name>
  <message>
   <source>HOLD · %1 %2</source>
   <translation>HALTEN · %1 %2</translation>
  </message>
  <message>
   <source>HOLD · flatten %1: cancel its orders, then %2</source>
   <translation>HALTEN · %1 glattstellen: Orders stornieren, dann %2</translation>
  </message>
  <message>
   <source>Not sent: %1</source>
   <translation>Nicht gesendet: %1</translation>
  </message>
  <message>
   <source>One-click orders are locked. L arms them.</source>
   <translation>Ein-Klick-Orders sind gesperrt. L schaltet sie scharf.</translation>
  </message>
  <message>
   <source>Select one open order with a limit price first.</source>
   <translation>Wählen Sie zuerst eine offene Order mit Limitpreis.</translation>
  </message>
  <message>
   <source>The book has no price there.</source>
   <translation>Das Orderbuch hat dort keinen Preis.</translation>
  </message>
  <message>
   <source>The size %1 cannot be reckoned now.</source>
   <translation>Die Größe %1 ist jetzt nicht zu berechnen.</translation>
  </message>
 </context>
 <context>
  <name>Health</name>
  <message>
   <source>Apply p99</source>
   <translation>Verarbeiten p99</translation>
  </message>
  <message>
   <source>Between two frames</source>
   <translation>Zwischen zwei Bildern</translation>
  </message>
  <message>
   <source>CPU</source>
   <translation>CPU</translation>
  </message>
  <message>
   <source>Cache hit rate</source>
   <translation>Trefferquote des Speichers</translation>
  </message>
  <message>
   <source>Channels that had to change their line</source>
   <translation>Kanäle, die ihre Leitung wechseln mussten</translation>
  </message>
  <message>
   <source>Circuit breaker</source>
   <translation>Schutzschalter</translation>
  </message>
  <message>
   <source>Collections of garbage</source>
   <translation>Speicherbereinigungen</translation>
  </message>
  <message>
   <source>Commit p99</source>
   <translation>Schreiben p99</translation>
  </message>
  <message>
   <source>Connections</source>
   <translation>Verbindungen</translation>
  </message>
  <message>
   <source>Data requests answered by stream or cache; REST answered %1</source>
   <translation>Anfragen, die Strom oder Speicher beantworteten; REST beantwortete %1</translation>
  </message>
  <message>
   <source>Drift</source>
   <translation>Gang</translation>
  </message>
  <message>
   <source>Durable commit of an order's intent</source>
   <translation>Dauerhaftes Niederschreiben einer Orderabsicht</translation>
  </message>
  <message>
   <source>Exchange clock minus ours</source>
   <translation>Uhr der Börse minus unsere</translation>
  </message>
  <message>
   <source>Failovers</source>
   <translation>Ausweichungen</translation>
  </message>
  <message>
   <source>Frame interval p99</source>
   <translation>Bildabstand p99</translation>
  </message>
  <message>
   <source>Frame p99</source>
   <translation>Bild p99</translation>
  </message>
  <message>
   <source>Frames that wait to be worked on, and how many may</source>
   <translation>Nachrichten, die warten, und wie viele es dürfen</translation>
  </message>
  <message>
   <source>Freshness</source>
   <translation>Frische</translation>
  </message>
  <message>
   <source>From the exchange to here, mean of all messages</source>
   <translation>Von der Börse bis hier, Mittel aller Nachrichten</translation>
  </message>
  <message>
   <source>From the inbox into the stores</source>
   <translation>Vom Eingang in die Speicher</translation>
  </message>
  <message>
   <source>GC pause p99</source>
   <translation>Bereinigung p99</translation>
  </message>
  <message>
   <source>Half of the quickest round trip</source>
   <translation>Hälfte des schnellsten Umlaufs</translation>
  </message>
  <message>
   <source>How fast the two clocks part</source>
   <translation>Wie schnell die Uhren auseinandergehen</translation>
  </message>
  <message>
   <source>How late the loop serves a call</source>
   <translation>Wie spät die Schleife einen Aufruf bedient</translation>
  </message>
  <message>
   <source>Invalid</source>
   <translation>Ungültig</translation>
  </message>
  <message>
   <source>Last nonce before our clock: 0 or less is normal</source>
   <translation>Letzte Nonce vor unserer Uhr: 0 oder weniger ist normal</translation>
  </message>
  <message>
   <source>Latency mean</source>
   <translation>Latenz im Mittel</translation>
  </message>
  <message>
   <source>Loop lag p99</source>
   <translation>Schleifenverzug p99</translation>
  </message>
  <message>
   <source>Memory</source>
   <translation>Arbeitsspeicher</translation>
  </message>
  <message>
   <source>Messages</source>
   <translation>Nachrichten</translation>
  </message>
  <message>
   <source>Messages since the start</source>
   <translation>Nachrichten seit dem Start</translation>
  </message>
  <message>
   <source>Messages that could not be understood</source>
   <translation>Nachrichten, die nicht zu verstehen waren</translation>
  </message>
  <message>
   <source>Nonce lead</source>
   <translation>Nonce-Vorsprung</translation>
  </message>
  <message>
   <source>Not measured yet: new orders wait</source>
   <translation>Noch nicht gemessen: neue Orders warten</translation>
  </message>
  <message>
   <source>Offset</source>
   <translation>Abweichung</translation>
  </message>
  <message>
   <source>Orders leave by</source>
   <translation>Orders gehen über</translation>
  </message>
  <message>
   <source>Our own ping, median</source>
   <translation>Eigener Ping, Median</translation>
  </message>
  <message>
   <source>Queue</source>
   <translation>Schlange</translation>
  </message>
  <message>
   <source>REST</source>
   <translation>REST</translation>
  </message>
  <message>
   <source>Received a second</source>
   <translation>Empfangen je Sekunde</translation>
  </message>
  <message>
   <source>Resident memory</source>
   <translation>Belegter Arbeitsspeicher</translation>
  </message>
  <message>
   <source>Round trip</source>
   <translation>Umlauf</translation>
  </message>
  <message>
   <source>Share of one core</source>
   <translation>Anteil eines Kerns</translation>
  </message>
  <message>
   <source>Stalls</source>
   <translation>Stillstände</translation>
  </message>
  <message>
   <source>The loop stood still for more than a quarter of a second; longest %1</source>
   <translation>Die Schleife stand länger als eine Viertelsekunde; am längsten %1</translation>
  </message>
  <message>
   <source>The oldest book, or what is stale</source>
   <translation>Das älteste Orderbuch, oder was veraltet ist</translation>
  </message>
  <message>
   <source>The primary account line</source>
   <translation>Die erste Kontoleitung</translation>
  </message>
  <message>
   <source>Time to tell the views of a frame</source>
   <translation>Zeit, den Ansichten ein Bild zu melden</translation>
  </message>
  <message>
   <source>Uncertainty</source>
   <translation>Unsicherheit</translation>
  </message>
  <message>
   <source>WebSocket</source>
   <translation>WebSocket</translation>
  </message>
  <message>
   <source>Whether REST answers</source>
   <translation>Ob REST antwortet</translation>
  </message>
  <message>
   <source>down</source>
   <translation>aus</translation>
  </message>
  <message>
   <source>live</source>
   <translation>live</translation>
  </message>
 </context>
 <context>
  <name>HealthBar</name>
  <message>
   <source>Account</source>
   <translation>Konto</translation>
  </message>
  <message>
   <source>Figures</source>
   <translation>Zahlen</translation>
  </message>
  <message>
   <source>Health</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Market</source>
   <translation>Markt</translation>
  </message>
  <message>
   <source>REST</source>
   <translation>REST</translation>
  </message>
  <message>
   <source>for %1</source>
   <translation>seit %1</translation>
  </message>
  <message>
   <source>not started</source>
   <translation>nicht begonnen</translation>
  </message>
 </context>
 <context>
  <name>HealthPanel</name>
  <message>
   <source>  down the line</source>
   <translation>  die Leitung herab</translation>
  </message>
  <message>
   <source>  in the engine</source>
   <translation>  in der Börse</translation>
  </message>
  <message>
   <source>  up the line</source>
   <translation>  die Leitung hinauf</translation>
  </message>
  <message>
   <source>Budgets</source>
   <translation>Kontingente</translation>
  </message>
  <message>
   <source>Channels</source>
   <translation>Kanäle</translation>
  </message>
  <message>
   <source>Clock</source>
   <translation>Uhr</translation>
  </message>
  <message>
   <source>Indicators</source>
   <translation>Anzeigen</translation>
  </message>
  <message>
   <source>Latency</source>
   <translation>Latenz</translation>
  </message>
  <message>
   <source>Latency of the last 15 minutes, p50 to p99</source>
   <translation>Laufzeiten der letzten 15 Minuten, p50 bis p99</translation>
  </message>
  <message>
   <source>No channel was asked for yet.</source>
   <translation>Noch wurde kein Kanal verlangt.</translation>
  </message>
  <message>
   <source>None: the state of every order is known.</source>
   <translation>Keine: der Stand jeder Order ist bekannt.</translation>
  </message>
  <message>
   <source>Orders at risk</source>
   <translation>Gefährdete Orders</translation>
  </message>
  <message>
   <source>REST round trip</source>
   <translation>REST-Umlauf</translation>
  </message>
  <message>
   <source>The program itself</source>
   <translation>Das Programm selbst</translation>
  </message>
  <message>
   <source>Timeline</source>
   <translation>Zeitleiste</translation>
  </message>
  <message>
   <source>durable commit</source>
   <translation>dauerhaftes Schreiben</translation>
  </message>
  <message>
   <source>exchange → here</source>
   <translation>Börse → hier</translation>
  </message>
  <message>
   <source>for %1</source>
   <translation>seit %1</translation>
  </message>
  <message>
   <source>frame</source>
   <translation>Bild</translation>
  </message>
  <message>
   <source>inbox → stores</source>
   <translation>Eingang → Speicher</translation>
  </message>
  <message>
   <source>loop lag</source>
   <translation>Schleifenverzug</translation>
  </message>
  <message>
   <source>no word for %1</source>
   <translation>seit %1 kein Wort</translation>
  </message>
  <message>
   <source>order → answer</source>
   <translation>Order → Antwort</translation>
  </message>
  <message>
   <source>ping round trip</source>
   <translation>Ping-Umlauf</translation>
  </message>
  <message>
   <source>unknown for %1, being looked for</source>
   <translation>seit %1 unbekannt, wird gesucht</translation>
  </message>
 </context>
 <context>
  <name>IncidentDialog</name>
  <message>
   <source>Choose…</source>
   <translation>Wählen…</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Datei</translation>
  </message>
  <message>
   <source>How far back</source>
   <translation>Wie weit zurück</translation>
  </message>
  <message>
   <source>Incidents (*.zip)</source>
   <translation>Vorfälle (*.zip)</translation>
  </message>
  <message>
   <source>Mask the ids of orders, trades and the account</source>
   <translation>Kennungen von Orders, Trades und Konto verdecken</translation>
  </message>
  <message>
   <source>Recording, log, orders, fills and events. Keys and tokens are not in it.</source>
   <translation>Aufzeichnung, Protokoll, Orders, Ausführungen und Ereignisse. Schlüssel und Token sind nicht enthalten.</translation>
  </message>
  <message>
   <source>Save incident</source>
   <translation>Vorfall sichern</translation>
  </message>
  <message>
   <source>Time</source>
   <translation>Zeit</translation>
  </message>
  <message>
   <source>the last %1 minutes</source>
   <translation>die letzten %1 Minuten</translation>
  </message>
 </context>
 <context>
  <name>KeyPage</name>
  <message>
   <source>API key</source>
   <translation>API-Schlüssel</translation>
  </message>
  <message>
   <source>API secret</source>
   <translation>API-Geheimnis</translation>
  </message>
  <message>
   <source>Asking Kraken what this key may do…</source>
   <translation>Kraken wird gefragt, was dieser Schlüssel darf…</translation>
  </message>
  <message>
   <source>Back</source>
   <translation>Zurück</translation>
  </message>
  <message>
   <source>Check the key</source>
   <translation>Schlüssel prüfen</translation>
  </message>
  <message>
   <source>Keep the key and go live</source>
   <translation>Schlüssel behalten und live gehen</translation>
  </message>
  <message>
   <source>Make it at Kraken under Settings, API: query funds, query and modify orders, cancel orders, WebSocket. Leave every withdrawal permission off: a key that can withdraw is refused.</source>
   <translation>Anlegen bei Kraken unter Settings, API: Guthaben abfragen, Orders abfragen und ändern, Orders stornieren, WebSocket. Alle Rechte zum Abheben weglassen: ein Schlüssel, der abheben kann, wird abgelehnt.</translation>
  </message>
  <message>
   <source>Passport of the key</source>
   <translation>Ausweis des Schlüssels</translation>
  </message>
  <message>
   <source>The key of your Kraken account</source>
   <translation>Der Schlüssel Ihres Kraken-Kontos</translation>
  </message>
  <message>
   <source>may: %1</source>
   <translation>darf: %1</translation>
  </message>
  <message>
   <source>never expires</source>
   <translation>läuft nie ab</translation>
  </message>
  <message>
   <source>reads only: %1</source>
   <translation>liest nur: %1</translation>
  </message>
  <message>
   <source>valid until %1</source>
   <translation>gültig bis %1</translation>
  </message>
  <message>
   <source>works from: %1</source>
   <translation>gilt von: %1</translation>
  </message>
  <message>
   <source>✓ cannot withdraw</source>
   <translation>✓ kann nicht abheben</translation>
  </message>
  <message>
   <source>✓ may trade</source>
   <translation>✓ darf handeln</translation>
  </message>
 </context>
 <context>
  <name>Keys</name>
  <message>
   <source>%1 belongs to “%2”.</source>
   <translation>%1 gehört zu „%2“.</translation>
  </message>
  <message>
   <source>%1 is kept for cancelling.</source>
   <translation>%1 bleibt dem Stornieren vorbehalten.</translation>
  </message>
  <message>
   <source>%1 is no key.</source>
   <translation>%1 ist keine Taste.</translation>
  </message>
  <message>
   <source>Add a strategy or bracket…</source>
   <translation>Strategie oder Klammer hinzufügen…</translation>
  </message>
  <message>
   <source>All keys</source>
   <translation>Alle Tasten</translation>
  </message>
  <message>
   <source>Amend the selected order</source>
   <translation>Gewählte Order ändern</translation>
  </message>
  <message>
   <source>Arm or lock one-click orders</source>
   <translation>Ein-Klick-Orders scharf schalten oder sperren</translation>
  </message>
  <message>
   <source>Buy in the ticket</source>
   <translation>Im Orderformular kaufen</translation>
  </message>
  <message>
   <source>Cancel all orders everywhere</source>
   <translation>Alle Orders überall stornieren</translation>
  </message>
  <message>
   <source>Cancel all orders on this pair</source>
   <translation>Alle Orders auf diesem Paar stornieren</translation>
  </message>
  <message>
   <source>Cancel the selected orders</source>
   <translation>Gewählte Orders stornieren</translation>
  </message>
  <message>
   <source>Command palette</source>
   <translation>Befehlspalette</translation>
  </message>
  <message>
   <source>Dead-man's switch…</source>
   <translation>Totmannschalter…</translation>
  </message>
  <message>
   <source>Find or add a symbol</source>
   <translation>Symbol finden oder hinzufügen</translation>
  </message>
  <message>
   <source>Fire drill…</source>
   <translation>Störungsübung…</translation>
  </message>
  <message>
   <source>Flatten the pair (hold)</source>
   <translation>Paar glattstellen (halten)</translation>
  </message>
  <message>
   <source>Flatten the pair to an inventory…</source>
   <translation>Paar auf einen Bestand glattstellen…</translation>
  </message>
  <message>
   <source>Float or dock this panel</source>
   <translation>Bereich lösen oder andocken</translation>
  </message>
  <message>
   <source>Go to panel %1</source>
   <translation>Zu Bereich %1</translation>
  </message>
  <message>
   <source>Guide</source>
   <translation>Handbuch</translation>
  </message>
  <message>
   <source>Health</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Hold it to see the keys</source>
   <translation>Halten zeigt die Tasten</translation>
  </message>
  <message>
   <source>Join the ask (sell, post only)</source>
   <translation>Ans Ask stellen (verkaufen, nur einstellen)</translation>
  </message>
  <message>
   <source>Join the bid (buy, post only)</source>
   <translation>Ans Bid stellen (kaufen, nur einstellen)</translation>
  </message>
  <message>
   <source>Kill switch: stop orders, cancel all</source>
   <translation>Notschalter: Orders stoppen, alle stornieren</translation>
  </message>
  <message>
   <source>Layouts…</source>
   <translation>Layouts…</translation>
  </message>
  <message>
   <source>Let orders pass again</source>
   <translation>Orders wieder zulassen</translation>
  </message>
  <message>
   <source>Limits</source>
   <translation>Limits</translation>
  </message>
  <message>
   <source>New chart</source>
   <translation>Neues Chart</translation>
  </message>
  <message>
   <source>New depth chart</source>
   <translation>Neues Tiefenchart</translation>
  </message>
  <message>
   <source>New order book</source>
   <translation>Neues Orderbuch</translation>
  </message>
  <message>
   <source>New trades panel</source>
   <translation>Neues Panel für Trades</translation>
  </message>
  <message>
   <source>Next link group of this panel</source>
   <translation>Nächste Gruppe dieses Panels</translation>
  </message>
  <message>
   <source>Next panel</source>
   <translation>Nächster Bereich</translation>
  </message>
  <message>
   <source>Number by one step, by ten steps</source>
   <translation>Zahl um einen Schritt, um zehn Schritte</translation>
  </message>
  <message>
   <source>Pan and zoom the chart</source>
   <translation>Chart verschieben und zoomen</translation>
  </message>
  <message>
   <source>Preferences…</source>
   <translation>Einstellungen…</translation>
  </message>
  <message>
   <source>Previous panel</source>
   <translation>Voriger Bereich</translation>
  </message>
  <message>
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <source>Recentre the ladder</source>
   <translation>Preisleiter zentrieren</translation>
  </message>
  <message>
   <source>Reconciliation</source>
   <translation>Abgleich</translation>
  </message>
  <message>
   <source>Reset layout</source>
   <translation>Layout zurücksetzen</translation>
  </message>
  <message>
   <source>Save incident…</source>
   <translation>Vorfall sichern…</translation>
  </message>
  <message>
   <source>Scaled orders…</source>
   <translation>Gestaffelte Orders…</translation>
  </message>
  <message>
   <source>Seal a day of the journal…</source>
   <translation>Einen Tag des Journals versiegeln…</translation>
  </message>
  <message>
   <source>Selected order down a tick</source>
   <translation>Gewählte Order eine Preisstufe tiefer</translation>
  </message>
  <message>
   <source>Selected order down a tick, from any panel</source>
   <translation>Gewählte Order eine Preisstufe tiefer, von überall</translation>
  </message>
  <message>
   <source>Selected order up a tick</source>
   <translation>Gewählte Order eine Preisstufe höher</translation>
  </message>
  <message>
   <source>Selected order up a tick, from any panel</source>
   <translation>Gewählte Order eine Preisstufe höher, von überall</translation>
  </message>
  <message>
   <source>Sell in the ticket</source>
   <translation>Im Orderformular verkaufen</translation>
  </message>
  <message>
   <source>Send what stands in the ticket</source>
   <translation>Senden, was im Orderformular steht</translation>
  </message>
  <message>
   <source>Size preset %1</source>
   <translation>Größe %1</translation>
  </message>
  <message>
   <source>Strategies and brackets</source>
   <translation>Strategien und Klammern</translation>
  </message>
  <message>
   <source>Take the ask (buy, hold)</source>
   <translation>Ask nehmen (kaufen, halten)</translation>
  </message>
  <message>
   <source>Take the bid (sell, hold)</source>
   <translation>Bid nehmen (verkaufen, halten)</translation>
  </message>
 </context>
 <context>
  <name>KeysDialog</name>
  <message>
   <source>Keys</source>
   <translation>Tasten</translation>
  </message>
 </context>
 <context>
  <name>KeysOverlay</name>
  <message>
   <source>Keys</source>
   <translation>Tasten</translation>
  </message>
 </context>
 <context>
  <name>LadderCanvas</name>
  <message>
   <source>From REST, %1 old: not to be traded on</source>
   <translation>Über REST, %1 alt: nicht danach handeln</translation>
  </message>
  <message>
   <source>NOT LIVE</source>
   <translation>NICHT LIVE</translation>
  </message>
  <message>
   <source>Price ladder</source>
   <translation>Preisleiter</translation>
  </message>
  <message>
   <source>waiting for the exchange</source>
   <translation>wartet auf die Börse</translation>
  </message>
 </context>
 <context>
  <name>LatencyBars</name>
  <message>
   <source>Latencies</source>
   <translation>Latenzen</translation>
  </message>
 </context>
 <context>
  <name>LatencyStrips</name>
  <message>
   <source>-%1 min</source>
   <translation>-%1 min</translation>
  </message>
  <message>
   <source>Latencies of the last quarter of an hour</source>
   <translation>Laufzeiten der letzten Viertelstunde</translation>
  </message>
  <message>
   <source>now</source>
   <translation>jetzt</translation>
  </message>
 </context>
 <context>
  <name>LayoutsDialog</name>
  <message>
   <source>%1 was made by another version and cannot be opened.</source>
   <translation>%1 stammt aus einer anderen Version und kann nicht geöffnet werden.</translation>
  </message>
  <message>
   <source>&amp;Forget</source>
   <translation>&amp;Vergessen</translation>
  </message>
  <message>
   <source>&amp;Open</source>
   <translation>Ö&amp;ffnen</translation>
  </message>
  <message>
   <source>&amp;Save</source>
   <translation>&amp;Sichern</translation>
  </message>
  <message>
   <source>Layouts</source>
   <translation>Layouts</translation>
  </message>
  <message>
   <source>Layouts with a name</source>
   <translation>Layouts mit Namen</translation>
  </message>
  <message>
   <source>Name of the present layout</source>
   <translation>Name des jetzigen Layouts</translation>
  </message>
  <message>
   <source>Not removed: %1</source>
   <translation>Nicht entfernt: %1</translation>
  </message>
  <message>
   <source>Not saved: %1</source>
   <translation>Nicht gesichert: %1</translation>
  </message>
  <message>
   <source>name of the present layout</source>
   <translation>Name des jetzigen Layouts</translation>
  </message>
 </context>
 <context>
  <name>LimitEditor</name>
  <message>
   <source>As all pairs</source>
   <translation>Wie alle Paare</translation>
  </message>
  <message>
   <source>Ask from</source>
   <translation>Fragen ab</translation>
  </message>
  <message>
   <source>Block above</source>
   <translation>Sperren über</translation>
  </message>
  <message>
   <source>Choose a limit to change it</source>
   <translation>Limit wählen, um es zu ändern</translation>
  </message>
  <message>
   <source>For which pairs</source>
   <translation>Für welche Paare</translation>
  </message>
  <message>
   <source>Not set: %1.</source>
   <translation>Nicht gesetzt: %1.</translation>
  </message>
  <message>
   <source>Not set: limits are whole numbers.</source>
   <translation>Nicht gesetzt: Limits sind ganze Zahlen.</translation>
  </message>
  <message>
   <source>Set</source>
   <translation>Setzen</translation>
  </message>
  <message>
   <source>Take this pair's own limit away</source>
   <translation>Eigenes Limit dieses Paars entfernen</translation>
  </message>
  <message>
   <source>This limit is fixed.</source>
   <translation>Dieses Limit steht fest.</translation>
  </message>
  <message>
   <source>Type from</source>
   <translation>Eingeben ab</translation>
  </message>
  <message>
   <source>all pairs</source>
   <translation>allen Paaren</translation>
  </message>
  <message>
   <source>ask</source>
   <translation>fragen</translation>
  </message>
  <message>
   <source>block</source>
   <translation>sperren</translation>
  </message>
  <message>
   <source>type</source>
   <translation>eingeben</translation>
  </message>
 </context>
 <context>
  <name>Limits</name>
  <message>
   <source>This pair has its own (●).</source>
   <translation>Dieses Paar hat ein eigenes (●).</translation>
  </message>
  <message>
   <source>unknown</source>
   <translation>unbekannt</translation>
  </message>
 </context>
 <context>
  <name>LimitsView</name>
  <message>
   <source>%1 denied</source>
   <translation>%1 abgelehnt</translation>
  </message>
  <message>
   <source>%1: orders pass</source>
   <translation>%1: Orders gehen durch</translation>
  </message>
  <message>
   <source>Let orders pass</source>
   <translation>Orders zulassen</translation>
  </message>
  <message>
   <source>■ KILL: stop orders, cancel all</source>
   <translation>■ NOT-AUS: Orders stoppen, alle stornieren</translation>
  </message>
  <message>
   <source>■ KILLED %1: %2. Only cancels pass.</source>
   <translation>■ NOT-AUS %1: %2. Nur Stornos gehen durch.</translation>
  </message>
 </context>
 <context>
  <name>LiveDialog</name>
  <message>
   <source>Live trading</source>
   <translation>Live-Handel</translation>
  </message>
  <message>
   <source>Orders sent from now on are real. Type %1 to unlock them.</source>
   <translation>Orders sind ab jetzt echt. Geben Sie %1 ein, um sie freizugeben.</translation>
  </message>
  <message>
   <source>Stay locked</source>
   <translation>Gesperrt lassen</translation>
  </message>
  <message>
   <source>The word that unlocks live trading</source>
   <translation>Das Wort, das den Live-Handel freigibt</translation>
  </message>
  <message>
   <source>Unlock</source>
   <translation>Freigeben</translation>
  </message>
 </context>
 <context>
  <name>LogView</name>
  <message>
   <source>Filter</source>
   <translation>Filter</translation>
  </message>
  <message>
   <source>Filter log lines</source>
   <translation>Protokollzeilen filtern</translation>
  </message>
  <message>
   <source>Least level</source>
   <translation>Kleinste Stufe</translation>
  </message>
  <message>
   <source>No line of the log passes this filter.</source>
   <translation>Keine Zeile des Protokolls passt zu diesem Filter.</translation>
  </message>
 </context>
 <context>
  <name>MainWindow</name>
  <message>
   <source>&amp;About Tidewire</source>
   <translation>&amp;Über Tidewire</translation>
  </message>
  <message>
   <source>&amp;Buy</source>
   <translation>&amp;Kaufen</translation>
  </message>
  <message>
   <source>&amp;Chart</source>
   <translation>&amp;Chart</translation>
  </message>
  <message>
   <source>&amp;Command palette</source>
   <translation>Befehls&amp;palette</translation>
  </message>
  <message>
   <source>&amp;Dead-man's switch…</source>
   <translation>T&amp;otmannschalter…</translation>
  </message>
  <message>
   <source>&amp;Depth</source>
   <translation>&amp;Tiefe</translation>
  </message>
  <message>
   <source>&amp;File</source>
   <translation>&amp;Datei</translation>
  </message>
  <message>
   <source>&amp;Fire drill…</source>
   <translation>&amp;Störungsübung…</translation>
  </message>
  <message>
   <source>&amp;Flatten this pair to…</source>
   <translation>Dieses Paar gla&amp;ttstellen auf…</translation>
  </message>
  <message>
   <source>&amp;Float or dock this panel</source>
   <translation>Bereich lösen oder &amp;andocken</translation>
  </message>
  <message>
   <source>&amp;Guide</source>
   <translation>&amp;Handbuch</translation>
  </message>
  <message>
   <source>&amp;Help</source>
   <translation>Hi&amp;lfe</translation>
  </message>
  <message>
   <source>&amp;Keys</source>
   <translation>&amp;Tasten</translation>
  </message>
  <message>
   <source>&amp;Kill switch: stop orders, cancel all</source>
   <translation>&amp;Notschalter: Orders stoppen, alle stornieren</translation>
  </message>
  <message>
   <source>&amp;Layouts…</source>
   <translation>&amp;Layouts…</translation>
  </message>
  <message>
   <source>&amp;Limits</source>
   <translation>Li&amp;mits</translation>
  </message>
  <message>
   <source>&amp;Mode at next start…</source>
   <translation>&amp;Modus beim nächsten Start…</translation>
  </message>
  <message>
   <source>&amp;New panel</source>
   <translation>&amp;Neues Panel</translation>
  </message>
  <message>
   <source>&amp;Order book</source>
   <translation>&amp;Orderbuch</translation>
  </message>
  <message>
   <source>&amp;Panels</source>
   <translation>Be&amp;reiche</translation>
  </message>
  <message>
   <source>&amp;Preferences…</source>
   <translation>&amp;Einstellungen…</translation>
  </message>
  <message>
   <source>&amp;Quit</source>
   <translation>&amp;Beenden</translation>
  </message>
  <message>
   <source>&amp;Reset layout</source>
   <translation>Layout &amp;zurücksetzen</translation>
  </message>
  <message>
   <source>&amp;Sell</source>
   <translation>&amp;Verkaufen</translation>
  </message>
  <message>
   <source>&amp;Theme</source>
   <translation>&amp;Farben</translation>
  </message>
  <message>
   <source>&amp;Trade</source>
   <translation>&amp;Handel</translation>
  </message>
  <message>
   <source>&amp;Trades</source>
   <translation>T&amp;rades</translation>
  </message>
  <message>
   <source>&amp;Unlock live trading</source>
   <translation>&amp;Live-Handel freigeben</translation>
  </message>
  <message>
   <source>&amp;View</source>
   <translation>&amp;Ansicht</translation>
  </message>
  <message>
   <source>About Tidewire</source>
   <translation>Über Tidewire</translation>
  </message>
  <message>
   <source>Add s&amp;trategy or bracket…</source>
   <translation>St&amp;rategie oder Klammer hinzufügen…</translation>
  </message>
  <message>
   <source>Cancel all &amp;everywhere</source>
   <translation>Alle ü&amp;berall stornieren</translation>
  </message>
  <message>
   <source>Cancel all on this &amp;pair</source>
   <translation>Alle auf diesem &amp;Paar stornieren</translation>
  </message>
  <message>
   <source>Go to %1</source>
   <translation>Zu %1</translation>
  </message>
  <message>
   <source>Let orders pass a&amp;gain</source>
   <translation>Orders wieder z&amp;ulassen</translation>
  </message>
  <message>
   <source>Mode: %1</source>
   <translation>Modus: %1</translation>
  </message>
  <message>
   <source>Next lin&amp;k group of this panel</source>
   <translation>Nächste Grupp&amp;e dieses Panels</translation>
  </message>
  <message>
   <source>Not sent: look at the ticket.</source>
   <translation>Nicht gesendet: sehen Sie ins Orderformular.</translation>
  </message>
  <message>
   <source>One-click orders locked: %1</source>
   <translation>Ein-Klick-Orders gesperrt: %1</translation>
  </message>
  <message>
   <source>Open &amp;journal folder</source>
   <translation>Ordner mit &amp;Journal öffnen</translation>
  </message>
  <message>
   <source>Open &amp;log folder</source>
   <translation>Ordner mit Pro&amp;tokoll öffnen</translation>
  </message>
  <message>
   <source>Open &amp;settings folder</source>
   <translation>Ordner der Einstellun&amp;gen öffnen</translation>
  </message>
  <message>
   <source>Pair</source>
   <translation>Paar</translation>
  </message>
  <message>
   <source>S&amp;caled orders…</source>
   <translation>&amp;Gestaffelte Orders…</translation>
  </message>
  <message>
   <source>Save &amp;incident…</source>
   <translation>&amp;Vorfall sichern…</translation>
  </message>
  <message>
   <source>Seal a &amp;day…</source>
   <translation>T&amp;ag versiegeln…</translation>
  </message>
  <message>
   <source>St&amp;rategies and brackets</source>
   <translation>Strat&amp;egien und Klammern</translation>
  </message>
  <message>
   <source>That price just changed sides. Nothing was sent.</source>
   <translation>Dieser Preis hat eben die Seite gewechselt. Nichts wurde gesendet.</translation>
  </message>
  <message>
   <source>The fire drill is for the demo mode.</source>
   <translation>Die Störungsübung ist für den Demo-Modus.</translation>
  </message>
  <message>
   <source>The next start is in %1 mode. This one goes on as it is.</source>
   <translation>Der nächste Start ist im Modus %1. Dieser läuft weiter, wie er ist.</translation>
  </message>
  <message>
   <source>There is nothing to save here.</source>
   <translation>Hier gibt es nichts zu sichern.</translation>
  </message>
  <message>
   <source>This panel shows %1, the ticket trades %2. Nothing was done.</source>
   <translation>Dieses Panel zeigt %1, das Ticket handelt %2. Nichts wurde getan.</translation>
  </message>
 </context>
 <context>
  <name>OrderBookView</name>
  <message>
   <source>A click fills the ticket; L arms one-click orders</source>
   <translation>Ein Klick füllt das Orderformular; L schaltet Ein-Klick-Orders scharf</translation>
  </message>
  <message>
   <source>A click sends the ticket's quantity (L locks)</source>
   <translation>Ein Klick sendet die Menge des Orderformulars (L sperrt)</translation>
  </message>
  <message>
   <source>Recentre</source>
   <translation>Zentrieren</translation>
  </message>
  <message>
   <source>Recentre (Space)</source>
   <translation>Zentrieren (Leertaste)</translation>
  </message>
  <message>
   <source>Spread, spread in basis points, share of bids in the size on show</source>
   <translation>Spread, Spread in Basispunkten, Anteil der Bids an der gezeigten Größe</translation>
  </message>
  <message>
   <source>Ticks a row</source>
   <translation>Preisstufen je Zeile</translation>
  </message>
  <message>
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <source>○ L</source>
   <translation>○ L</translation>
  </message>
  <message>
   <source>● ARMED</source>
   <translation>● SCHARF</translation>
  </message>
 </context>
 <context>
  <name>OrderDialog</name>
  <message>
   <source>Cost %1</source>
   <translation>Kosten %1</translation>
  </message>
  <message>
   <source>Exchange's id</source>
   <translation>Kennung der Börse</translation>
  </message>
  <message>
   <source>Filled</source>
   <translation>Ausgeführt</translation>
  </message>
  <message>
   <source>Fills</source>
   <translation>Ausführungen</translation>
  </message>
  <message>
   <source>Life</source>
   <translation>Lebenslauf</translation>
  </message>
  <message>
   <source>Limit price</source>
   <translation>Limitpreis</translation>
  </message>
  <message>
   <source>Order</source>
   <translation>Order</translation>
  </message>
  <message>
   <source>Order on %1</source>
   <translation>Order auf %1</translation>
  </message>
  <message>
   <source>Our id</source>
   <translation>Unsere Kennung</translation>
  </message>
  <message>
   <source>Road</source>
   <translation>Weg</translation>
  </message>
  <message>
   <source>State</source>
   <translation>Stand</translation>
  </message>
  <message>
   <source>Trigger</source>
   <translation>Auslöser</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Art</translation>
  </message>
  <message>
   <source>What</source>
   <translation>Was</translation>
  </message>
  <message>
   <source>fill of %1</source>
   <translation>Ausführung von %1</translation>
  </message>
  <message>
   <source>maker</source>
   <translation>Maker</translation>
  </message>
  <message>
   <source>taker</source>
   <translation>Taker</translation>
  </message>
 </context>
 <context>
  <name>OrderForm</name>
  <message>
   <source>%1 % of available</source>
   <translation>%1 % des Verfügbaren</translation>
  </message>
  <message>
   <source>%1 percent of available</source>
   <translation>%1 Prozent des Verfügbaren</translation>
  </message>
  <message>
   <source>Displayed</source>
   <translation>Gezeigt</translation>
  </message>
  <message>
   <source>Displayed quantity</source>
   <translation>Gezeigte Menge</translation>
  </message>
  <message>
   <source>Expires in seconds</source>
   <translation>Läuft ab in Sekunden</translation>
  </message>
  <message>
   <source>Expires s</source>
   <translation>Ablauf s</translation>
  </message>
  <message>
   <source>Fewer terms ▾</source>
   <translation>Weniger ▾</translation>
  </message>
  <message>
   <source>HOLD · %1</source>
   <translation>HALTEN · %1</translation>
  </message>
  <message>
   <source>In force</source>
   <translation>Gültig</translation>
  </message>
  <message>
   <source>Limit price</source>
   <translation>Limitpreis</translation>
  </message>
  <message>
   <source>More terms ▸</source>
   <translation>Mehr ▸</translation>
  </message>
  <message>
   <source>Order type</source>
   <translation>Orderart</translation>
  </message>
  <message>
   <source>Post only</source>
   <translation>Nur einst.</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Quantity</source>
   <translation>Menge</translation>
  </message>
  <message>
   <source>Quantity in</source>
   <translation>Menge in</translation>
  </message>
  <message>
   <source>Send order</source>
   <translation>Order senden</translation>
  </message>
  <message>
   <source>Time in force</source>
   <translation>Gültigkeit</translation>
  </message>
  <message>
   <source>Trigger</source>
   <translation>Auslöser</translation>
  </message>
  <message>
   <source>Trigger price</source>
   <translation>Auslösepreis</translation>
  </message>
  <message>
   <source>Trigger price in</source>
   <translation>Auslösepreis in</translation>
  </message>
  <message>
   <source>Trigger reference</source>
   <translation>Bezug des Auslösers</translation>
  </message>
  <message>
   <source>Type</source>
   <translation>Art</translation>
  </message>
  <message>
   <source>Watches</source>
   <translation>Beobachtet</translation>
  </message>
  <message>
   <source>account is being checked</source>
   <translation>Konto wird geprüft</translation>
  </message>
  <message>
   <source>an alarm waits</source>
   <translation>ein Alarm wartet</translation>
  </message>
  <message>
   <source>blocked</source>
   <translation>gesperrt</translation>
  </message>
  <message>
   <source>book is not live</source>
   <translation>Orderbuch ist nicht live</translation>
  </message>
  <message>
   <source>journal unavailable</source>
   <translation>Journal nicht verfügbar</translation>
  </message>
  <message>
   <source>kill switch</source>
   <translation>Notschalter</translation>
  </message>
  <message>
   <source>not ready</source>
   <translation>nicht bereit</translation>
  </message>
  <message>
   <source>waiting for %1</source>
   <translation>wartet auf %1</translation>
  </message>
  <message>
   <source>worst %1</source>
   <translation>schlechtestens %1</translation>
  </message>
  <message>
   <source>▲ BUY</source>
   <translation>▲ KAUF</translation>
  </message>
  <message>
   <source>▼ SELL</source>
   <translation>▼ VERKAUF</translation>
  </message>
 </context>
 <context>
  <name>OrdersView</name>
  <message>
   <source>%1 older in the journal</source>
   <translation>%1 ältere im Journal</translation>
  </message>
  <message>
   <source>%1 open orders</source>
   <translation>%1 offene Orders</translation>
  </message>
  <message>
   <source>1 open order</source>
   <translation>1 offene Order</translation>
  </message>
  <message>
   <source>Amend…</source>
   <translation>Ändern…</translation>
  </message>
  <message>
   <source>Cancel</source>
   <translation>Stornieren</translation>
  </message>
  <message>
   <source>Cancel %1 orders</source>
   <translation>%1 Orders stornieren</translation>
  </message>
  <message>
   <source>Cancel its group (%1 open)</source>
   <translation>Ihre Gruppe stornieren (%1 offen)</translation>
  </message>
  <message>
   <source>Details…</source>
   <translation>Einzelheiten…</translation>
  </message>
  <message>
   <source>Dismiss</source>
   <translation>Ausblenden</translation>
  </message>
  <message>
   <source>Ended too</source>
   <translation>Auch beendete</translation>
  </message>
  <message>
   <source>No open orders</source>
   <translation>Keine offenen Orders</translation>
  </message>
  <message>
   <source>Open orders appear here. Send one from the ticket, or click a price in the order book.</source>
   <translation>Hier erscheinen offene Orders. Senden Sie eine aus dem Orderformular oder klicken Sie auf einen Preis im Orderbuch.</translation>
  </message>
  <message>
   <source>Send again…</source>
   <translation>Nochmals senden…</translation>
  </message>
  <message>
   <source>Show ended orders too</source>
   <translation>Auch beendete Orders zeigen</translation>
  </message>
 </context>
 <context>
  <name>Panels</name>
  <message>
   <source>Alerts</source>
   <translation>Warnungen</translation>
  </message>
  <message>
   <source>Balances</source>
   <translation>Bestände</translation>
  </message>
  <message>
   <source>Chart</source>
   <translation>Chart</translation>
  </message>
  <message>
   <source>Depth</source>
   <translation>Tiefe</translation>
  </message>
  <message>
   <source>Events</source>
   <translation>Ereignisse</translation>
  </message>
  <message>
   <source>Fills</source>
   <translation>Ausführungen</translation>
  </message>
  <message>
   <source>Health</source>
   <translation>Zustand</translation>
  </message>
  <message>
   <source>Limits</source>
   <translation>Limits</translation>
  </message>
  <message>
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
  <message>
   <source>Order book</source>
   <translation>Orderbuch</translation>
  </message>
  <message>
   <source>Orders</source>
   <translation>Orders</translation>
  </message>
  <message>
   <source>P&amp;L</source>
   <translation>G&amp;V</translation>
  </message>
  <message>
   <source>Quote</source>
   <translation>Kurs</translation>
  </message>
  <message>
   <source>Reconciliation</source>
   <translation>Abgleich</translation>
  </message>
  <message>
   <source>Strategies</source>
   <translation>Strategien</translation>
  </message>
  <message>
   <source>Ticket</source>
   <translation>Order</translation>
  </message>
  <message>
   <source>Trades</source>
   <translation>Umsätze</translation>
  </message>
  <message>
   <source>Watchlist</source>
   <translation>Beobachtung</translation>
  </message>
 </context>
 <context>
  <name>Preferences</name>
  <message>
   <source>0: none; at the next start</source>
   <translation>0: keiner; beim nächsten Start</translation>
  </message>
  <message>
   <source>Flattening may slip</source>
   <translation>Glattstellen darf rutschen</translation>
  </message>
  <message>
   <source>Flight recorder</source>
   <translation>Flugschreiber</translation>
  </message>
  <message>
   <source>Inventory to keep when flattening</source>
   <translation>Bestand, der beim Glattstellen bleibt</translation>
  </message>
  <message>
   <source>Language</source>
   <translation>Sprache</translation>
  </message>
  <message>
   <source>Log level</source>
   <translation>Protokollstufe</translation>
  </message>
  <message>
   <source>Metrics port</source>
   <translation>Port für Messwerte</translation>
  </message>
  <message>
   <source>Mode</source>
   <translation>Modus</translation>
  </message>
  <message>
   <source>Recordings at most</source>
   <translation>Aufzeichnungen höchstens</translation>
  </message>
  <message>
   <source>Recordings kept</source>
   <translation>Aufzeichnungen behalten</translation>
  </message>
  <message>
   <source>Sizes of keys 1 to 5</source>
   <translation>Größen der Tasten 1 bis 5</translation>
  </message>
  <message>
   <source>Theme</source>
   <translation>Farben</translation>
  </message>
  <message>
   <source>Watchlist</source>
   <translation>Beobachtungsliste</translation>
  </message>
  <message>
   <source>asset and quantity, as BTC 1.5, ETH 0</source>
   <translation>Wert und Menge, etwa BTC 1.5, ETH 0</translation>
  </message>
  <message>
   <source>at the next start</source>
   <translation>beim nächsten Start</translation>
  </message>
  <message>
   <source>basis points through the touch, 1 to 500</source>
   <translation>Basispunkte durch den besten Preis, 1 bis 500</translation>
  </message>
  <message>
   <source>days, at the next start</source>
   <translation>Tage, beim nächsten Start</translation>
  </message>
  <message>
   <source>five of: 0.5 (base), 500 quote, 25% of what is available</source>
   <translation>fünf von: 0.5 (Basis), 500 quote (Kurswährung), 25% des Verfügbaren</translation>
  </message>
  <message>
   <source>megabytes, at the next start</source>
   <translation>Megabyte, beim nächsten Start</translation>
  </message>
  <message>
   <source>pairs, at the next start</source>
   <translation>Paare, beim nächsten Start</translation>
  </message>
  <message>
   <source>whose money, at the next start</source>
   <translation>wessen Geld, beim nächsten Start</translation>
  </message>
 </context>
 <context>
  <name>PreferencesDialog</name>
  <message>
   <source>&amp;Close</source>
   <translation>&amp;Schließen</translation>
  </message>
  <message>
   <source>&amp;Export…</source>
   <translation>&amp;Exportieren…</translation>
  </message>
  <message>
   <source>&amp;Import…</source>
   <translation>&amp;Importieren…</translation>
  </message>
  <message>
   <source>&amp;Usual keys</source>
   <translation>&amp;Übliche Tasten</translation>
  </message>
  <message>
   <source>Export settings</source>
   <translation>Einstellungen exportieren</translation>
  </message>
  <message>
   <source>Exported to %1</source>
   <translation>Exportiert nach %1</translation>
  </message>
  <message>
   <source>Find a setting or a key</source>
   <translation>Einstellung oder Taste finden</translation>
  </message>
  <message>
   <source>Import settings</source>
   <translation>Einstellungen importieren</translation>
  </message>
  <message>
   <source>Imported from %1</source>
   <translation>Importiert aus %1</translation>
  </message>
  <message>
   <source>Key: %1</source>
   <translation>Taste: %1</translation>
  </message>
  <message>
   <source>Preferences</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <source>none</source>
   <translation>keine</translation>
  </message>
  <message>
   <source>usually %1</source>
   <translation>üblich %1</translation>
  </message>
 </context>
 <context>
  <name>PreflightDialog</name>
  <message>
   <source>All checks have passed. The next step asks for the word.</source>
   <translation>Alle Prüfungen bestanden. Der nächste Schritt fragt nach dem Wort.</translation>
  </message>
  <message>
   <source>Continue</source>
   <translation>Weiter</translation>
  </message>
  <message>
   <source>New orders stay locked until every check has passed. Cancels work.</source>
   <translation>Neue Orders bleiben gesperrt, bis jede Prüfung bestanden ist. Stornieren geht.</translation>
  </message>
  <message>
   <source>Pre-flight: live trading</source>
   <translation>Vor dem Start: Live-Handel</translation>
  </message>
  <message>
   <source>Stay locked</source>
   <translation>Gesperrt bleiben</translation>
  </message>
  <message>
   <source>Trade anyway</source>
   <translation>Trotzdem handeln</translation>
  </message>
  <message>
   <source>Why to trade although not everything has passed</source>
   <translation>Warum gehandelt wird, obwohl nicht alles bestanden ist</translation>
  </message>
  <message>
   <source>Why trade anyway? It is written into the journal.</source>
   <translation>Warum trotzdem handeln? Es wird ins Journal geschrieben.</translation>
  </message>
 </context>
 <context>
  <name>PriceChartView</name>
  <message>
   <source>Loading older candles …</source>
   <translation>Ältere Kerzen werden geladen …</translation>
  </message>
  <message>
   <source>Older candles are fetched once the pair is described.</source>
   <translation>Ältere Kerzen werden geholt, sobald das Paar beschrieben ist.</translation>
  </message>
  <message>
   <source>Older candles did not come; trying again.</source>
   <translation>Ältere Kerzen kamen nicht; neuer Versuch.</translation>
  </message>
  <message>
   <source>The end of the data: Kraken keeps the newest 720 candles of each interval. A longer interval reaches further back.</source>
   <translation>Ende der Daten: Kraken behält die neuesten 720 Kerzen je Intervall. Ein längeres Intervall reicht weiter zurück.</translation>
  </message>
 </context>
 <context>
  <name>ProfitView</name>
  <message>
   <source>Cost of a unit</source>
   <translation>Kosten je Einheit</translation>
  </message>
  <message>
   <source>Fees</source>
   <translation>Gebühren</translation>
  </message>
  <message>
   <source>Realised</source>
   <translation>Realisiert</translation>
  </message>
  <message>
   <source>Session</source>
   <translation>Sitzung</translation>
  </message>
  <message>
   <source>Set basis</source>
   <translation>Einstand setzen</translation>
  </message>
  <message>
   <source>Sums of all assets</source>
   <translation>Summen aller Werte</translation>
  </message>
  <message>
   <source>Unit cost</source>
   <translation>Stückpreis</translation>
  </message>
  <message>
   <source>Unrealised</source>
   <translation>Unrealisiert</translation>
  </message>
  <message>
   <source>What has no known basis or price is left out.</source>
   <translation>Was keinen bekannten Einstand oder Kurs hat, fehlt.</translation>
  </message>
  <message>
   <source>What your assets cost and brought appears here, once there are any.</source>
   <translation>Hier erscheint, was Ihre Werte kosteten und brachten, sobald es welche gibt.</translation>
  </message>
  <message>
   <source>Which lot leaves first</source>
   <translation>Welcher Posten zuerst geht</translation>
  </message>
  <message>
   <source>sums are partial</source>
   <translation>Summen unvollständig</translation>
  </message>
 </context>
 <context>
  <name>QGroupBox</name>
  <message>
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
 </context>
 <context>
  <name>QuitDialog</name>
  <message>
   <source>%1 orders are open.</source>
   <translation>%1 Orders sind offen.</translation>
  </message>
  <message>
   <source>1 order is open.</source>
   <translation>1 Order ist offen.</translation>
  </message>
  <message>
   <source>Cancel all and quit</source>
   <translation>Alle stornieren und beenden</translation>
  </message>
  <message>
   <source>Keep orders and quit</source>
   <translation>Orders behalten und beenden</translation>
  </message>
  <message>
   <source>Orders stay at the exchange when you quit; the next start finds them again.</source>
   <translation>Orders bleiben beim Beenden an der Börse; der nächste Start findet sie wieder.</translation>
  </message>
  <message>
   <source>Quit Tidewire</source>
   <translation>Tidewire beenden</translation>
  </message>
  <message>
   <source>Stay</source>
   <translation>Bleiben</translation>
  </message>
  <message>
   <source>The dead-man's switch is armed: %1 s after you quit it CANCELS THEM ALL, stops too.</source>
   <translation>Der Totmannschalter ist scharf: %1 s nach dem Beenden STORNIERT ER SIE ALLE, auch Stops.</translation>
  </message>
  <message>
   <source>and %1 more</source>
   <translation>und %1 weitere</translation>
  </message>
 </context>
 <context>
  <name>QuoteView</name>
  <message>
   <source>Ask minus bid</source>
   <translation>Ask minus Bid</translation>
  </message>
  <message>
   <source>Average price of 24 h, weighted by volume</source>
   <translation>Durchschnittspreis über 24 h, nach Volumen gewichtet</translation>
  </message>
  <message>
   <source>Day figures</source>
   <translation>Tageszahlen</translation>
  </message>
  <message>
   <source>Highest bid</source>
   <translation>Höchstes Bid</translation>
  </message>
  <message>
   <source>Highest price of 24 h</source>
   <translation>Höchster Preis in 24 h</translation>
  </message>
  <message>
   <source>Last price</source>
   <translation>Letzter Preis</translation>
  </message>
  <message>
   <source>Lowest ask</source>
   <translation>Niedrigstes Ask</translation>
  </message>
  <message>
   <source>Lowest price of 24 h</source>
   <translation>Niedrigster Preis in 24 h</translation>
  </message>
  <message>
   <source>Traded in 24 h</source>
   <translation>In 24 h gehandelt</translation>
  </message>
  <message>
   <source>Volume</source>
   <translation>Volumen</translation>
  </message>
 </context>
 <context>
  <name>Reconciliation</name>
  <message>
   <source>equal</source>
   <translation>gleich</translation>
  </message>
 </context>
 <context>
  <name>ReconciliationView</name>
  <message>
   <source>%1 of other programs</source>
   <translation>%1 von anderen Programmen</translation>
  </message>
  <message>
   <source>? not compared yet</source>
   <translation>? noch nicht verglichen</translation>
  </message>
  <message>
   <source>? not compared: %1</source>
   <translation>? nicht verglichen: %1</translation>
  </message>
  <message>
   <source>Compare now</source>
   <translation>Jetzt vergleichen</translation>
  </message>
  <message>
   <source>Journal, stream and REST are compared each minute.</source>
   <translation>Journal, Strom und REST werden jede Minute verglichen.</translation>
  </message>
  <message>
   <source>fills %1</source>
   <translation>Ausführungen %1</translation>
  </message>
  <message>
   <source>… comparing</source>
   <translation>… wird verglichen</translation>
  </message>
  <message>
   <source>✓ equal, %1</source>
   <translation>✓ gleich, %1</translation>
  </message>
  <message>
   <source>✗ %1 differ, %2</source>
   <translation>✗ %1 verschieden, %2</translation>
  </message>
 </context>
 <context>
  <name>ReplayBar</name>
  <message>
   <source>+10 s</source>
   <translation>+10 s</translation>
  </message>
  <message>
   <source>Moment of the recording</source>
   <translation>Zeitpunkt der Aufzeichnung</translation>
  </message>
  <message>
   <source>Pause</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <source>Play</source>
   <translation>Abspielen</translation>
  </message>
  <message>
   <source>REPLAY</source>
   <translation>WIEDERGABE</translation>
  </message>
  <message>
   <source>Replay</source>
   <translation>Wiedergabe</translation>
  </message>
  <message>
   <source>Speed of the replay</source>
   <translation>Tempo der Wiedergabe</translation>
  </message>
  <message>
   <source>user: %1</source>
   <translation>Benutzer: %1</translation>
  </message>
  <message>
   <source>−10 s</source>
   <translation>−10 s</translation>
  </message>
 </context>
 <context>
  <name>ScaledDialog</name>
  <message>
   <source>Average</source>
   <translation>Schnitt</translation>
  </message>
  <message>
   <source>Distribution</source>
   <translation>Verteilung</translation>
  </message>
  <message>
   <source>First price</source>
   <translation>Erster Preis</translation>
  </message>
  <message>
   <source>From</source>
   <translation>Von</translation>
  </message>
  <message>
   <source>Last price</source>
   <translation>Letzter Preis</translation>
  </message>
  <message>
   <source>Last quantity is so many times the first</source>
   <translation>Letzte Menge ist so oft die erste</translation>
  </message>
  <message>
   <source>Last ÷ first</source>
   <translation>Letzte ÷ erste</translation>
  </message>
  <message>
   <source>Number of orders</source>
   <translation>Zahl der Orders</translation>
  </message>
  <message>
   <source>Orders</source>
   <translation>Orders</translation>
  </message>
  <message>
   <source>Orders of the scale</source>
   <translation>Orders der Staffel</translation>
  </message>
  <message>
   <source>Post only</source>
   <translation>Nur einst.</translation>
  </message>
  <message>
   <source>Price</source>
   <translation>Preis</translation>
  </message>
  <message>
   <source>Quantity</source>
   <translation>Menge</translation>
  </message>
  <message>
   <source>Scaled orders on %1</source>
   <translation>Gestaffelte Orders auf %1</translation>
  </message>
  <message>
   <source>Send scaled orders</source>
   <translation>Gestaffelte Orders senden</translation>
  </message>
  <message>
   <source>Side</source>
   <translation>Seite</translation>
  </message>
  <message>
   <source>Sizes</source>
   <translation>Größen</translation>
  </message>
  <message>
   <source>Sum</source>
   <translation>Summe</translation>
  </message>
  <message>
   <source>To</source>
   <translation>Bis</translation>
  </message>
  <message>
   <source>Total</source>
   <translation>Gesamt</translation>
  </message>
  <message>
   <source>Total quantity</source>
   <translation>Gesamtmenge</translation>
  </message>
  <message>
   <source>Value</source>
   <translation>Wert</translation>
  </message>
  <message>
   <source>flat</source>
   <translation>gleich</translation>
  </message>
  <message>
   <source>geometric</source>
   <translation>geometrisch</translation>
  </message>
  <message>
   <source>linear</source>
   <translation>linear</translation>
  </message>
  <message>
   <source>not ready</source>
   <translation>nicht bereit</translation>
  </message>
  <message>
   <source>▲ BUY</source>
   <translation>▲ KAUF</translation>
  </message>
  <message>
   <source>▼ SELL</source>
   <translation>▼ VERKAUF</translation>
  </message>
 </context>
 <context>
  <name>SealDialog</name>
  <message>
   <source>Check a file…</source>
   <translation>Datei prüfen…</translation>
  </message>
  <message>
   <source>Check a sealed day</source>
   <translation>Versiegelten Tag prüfen</translation>
  </message>
  <message>
   <source>Choose…</source>
   <translation>Wählen…</translation>
  </message>
  <message>
   <source>Day, UTC</source>
   <translation>Tag, UTC</translation>
  </message>
  <message>
   <source>Every intent, report, fill, balance change, connection event and denial of the day. Any later change to the file is found. Keep the final hash somewhere else.</source>
   <translation>Jede Absicht, Meldung, Ausführung, Guthabenänderung, Verbindung und Ablehnung des Tages. Jede spätere Änderung der Datei wird gefunden. Den letzten Hash anderswo aufbewahren.</translation>
  </message>
  <message>
   <source>File</source>
   <translation>Datei</translation>
  </message>
  <message>
   <source>Seal a day of the journal</source>
   <translation>Einen Tag des Journals versiegeln</translation>
  </message>
  <message>
   <source>Sealed days (*.sealed)</source>
   <translation>Versiegelte Tage (*.sealed)</translation>
  </message>
 </context>
 <context>
  <name>StaleCover</name>
  <message>
   <source>NOT LIVE</source>
   <translation>NICHT LIVE</translation>
  </message>
  <message>
   <source>Not live: %1</source>
   <translation>Nicht live: %1</translation>
  </message>
 </context>
 <context>
  <name>Strategies</name>
  <message>
   <source>Bracket</source>
   <translation>Klammer</translation>
  </message>
  <message>
   <source>realised %1, unrealised %2, fees %3</source>
   <translation>realisiert %1, unrealisiert %2, Gebühren %3</translation>
  </message>
  <message>
   <source>stop %1, target %2</source>
   <translation>Stop %1, Ziel %2</translation>
  </message>
 </context>
 <context>
  <name>StrategiesView</name>
  <message>
   <source>%1 running, %2 open orders</source>
   <translation>%1 laufen, %2 offene Orders</translation>
  </message>
  <message>
   <source>Add…</source>
   <translation>Hinzufügen…</translation>
  </message>
  <message>
   <source>Nothing runs. Add a strategy (TWAP, chase, scaled entry) or a bracket around a position.</source>
   <translation>Nichts läuft. Fügen Sie eine Strategie hinzu (TWAP, Chase, gestaffelter Einstieg) oder eine Klammer um eine Position.</translation>
  </message>
  <message>
   <source>‖ Pause</source>
   <translation>‖ Anhalten</translation>
  </message>
  <message>
   <source>■ Release</source>
   <translation>■ Freigeben</translation>
  </message>
  <message>
   <source>■ Stop</source>
   <translation>■ Stopp</translation>
  </message>
  <message>
   <source>▶ Resume</source>
   <translation>▶ Fortsetzen</translation>
  </message>
 </context>
 <context>
  <name>StrategyDialog</name>
  <message>
   <source>Add on %1</source>
   <translation>Hinzufügen auf %1</translation>
  </message>
  <message>
   <source>Start</source>
   <translation>Start</translation>
  </message>
  <message>
   <source>Strategy</source>
   <translation>Strategie</translation>
  </message>
 </context>
 <context>
  <name>Table</name>
  <message>
   <source>What fits</source>
   <translation>Was passt</translation>
  </message>
 </context>
 <context>
  <name>Tape</name>
  <message>
   <source>Time and sales</source>
   <translation>Zeit und Umsätze</translation>
  </message>
  <message>
   <source>no prints yet</source>
   <translation>noch keine Umsätze</translation>
  </message>
  <message>
   <source>▲ %n new</source>
   <translation>▲ %n neue</translation>
  </message>
 </context>
 <context>
  <name>Timeline</name>
  <message>
   <source>Timeline of the lines</source>
   <translation>Zeitleiste der Leitungen</translation>
  </message>
  <message>
   <source>now</source>
   <translation>jetzt</translation>
  </message>
  <message>
   <source>own orders</source>
   <translation>eigene Orders</translation>
  </message>
 </context>
 <context>
  <name>TradesView</name>
  <message>
   <source>Smallest size shown</source>
   <translation>Kleinste gezeigte Größe</translation>
  </message>
  <message>
   <source>Time · price · size</source>
   <translation>Zeit · Preis · Größe</translation>
  </message>
  <message>
   <source>min size</source>
   <translation>ab Größe</translation>
  </message>
 </context>
 <context>
  <name>WatchlistView</name>
  <message>
   <source>Add or find a symbol</source>
   <translation>Symbol hinzufügen oder finden</translation>
  </message>
  <message>
   <source>Add or find a symbol  (/)</source>
   <translation>Symbol hinzufügen oder finden  (/)</translation>
  </message>
  <message>
   <source>No pair on the list matches. Enter adds one that the exchange lists.</source>
   <translation>Kein Paar der Liste passt. Die Eingabetaste fügt eines hinzu, das die Börse führt.</translation>
  </message>
  <message>
   <source>The exchange does not list this symbol.</source>
   <translation>Die Börse führt dieses Symbol nicht.</translation>
  </message>
 </context>
 <context>
  <name>WelcomeDialog</name>
  <message>
   <source>An exchange inside this program with markets of its own.

No account, no network. Lines can be cut on purpose to see what the terminal does.</source>
   <translation>Eine Börse in diesem Programm mit eigenen Märkten.

Kein Konto, kein Netz. Leitungen können absichtlich gekappt werden, um zu sehen, was das Terminal tut.</translation>
  </message>
  <message>
   <source>Go live…</source>
   <translation>Live gehen…</translation>
  </message>
  <message>
   <source>Kraken's real market, play money.

Orders never leave this computer. They queue behind the volume shown and pay real fees. No account.</source>
   <translation>Krakens echter Markt, Spielgeld.

Orders verlassen diesen Rechner nie. Sie stehen hinter dem gezeigten Volumen an und zahlen echte Gebühren. Kein Konto.</translation>
  </message>
  <message>
   <source>Start the demo</source>
   <translation>Demo starten</translation>
  </message>
  <message>
   <source>This is asked once. File → Mode at next start changes it, and so does --mode.</source>
   <translation>Das wird einmal gefragt. Datei → Modus beim nächsten Start ändert es, --mode auch.</translation>
  </message>
  <message>
   <source>Trade on paper</source>
   <translation>Auf Papier handeln</translation>
  </message>
  <message>
   <source>Welcome to Tidewire</source>
   <translation>Willkommen bei Tidewire</translation>
  </message>
  <message>
   <source>Whose money is at stake?</source>
   <translation>Um wessen Geld geht es?</translation>
  </message>
  <message>
   <source>Your Kraken account, real money.

Needs an API key that can trade and cannot withdraw. It is kept in this system's keychain alone.</source>
   <translation>Ihr Kraken-Konto, echtes Geld.

Braucht einen API-Schlüssel, der handeln und nicht abheben kann. Er liegt allein im Schlüsselbund dieses Systems.</translation>
  </message>
 </context>
</TS>
