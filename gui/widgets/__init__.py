"""Small reusable controls. They know neither stores nor services."""
