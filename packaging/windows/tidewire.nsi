; Tidewire's installer for Windows: for one user, no administrator. build.py calls it with
;   makensis -DVERSION=0.1.0 -DDIST=<bundled folder> -DOUT=<setup.exe> -DICON=<tidewire.ico> tidewire.nsi
Unicode true
SetCompressor /SOLID lzma
!include LogicLib.nsh
!include MUI2.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidewire"

Name "Tidewire"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Tidewire"
InstallDirRegKey HKCU "Software\Tidewire" "InstallDir"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Tidewire"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "Tidewire contributors"
VIAddVersionKey FileDescription "Tidewire installer"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\tidewire.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

Section
  SetOutPath "$INSTDIR"
  ; No file of an earlier version stays behind. Fails, and says so, while Tidewire runs: its files are held.
  ClearErrors
  RMDir /r "$INSTDIR\_internal"
  ${If} ${Errors}
  ${AndIf} ${FileExists} "$INSTDIR\_internal\*.*"
    MessageBox MB_OK|MB_ICONSTOP "Tidewire is running. Close it and start the installer again."
    Abort
  ${EndIf}
  File /r "${DIST}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\Tidewire.lnk" "$INSTDIR\tidewire.exe"
  WriteRegStr HKCU "Software\Tidewire" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Tidewire"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Tidewire contributors"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\tidewire.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

; Settings, journal and keys are the user's and stay.
Section Uninstall
  Delete "$SMPROGRAMS\Tidewire.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\tidewire.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Tidewire"
SectionEnd
