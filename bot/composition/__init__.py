"""The one place that opens resources and wires services, entered through `app.open_app`.

No rule of the product lives here.
"""
