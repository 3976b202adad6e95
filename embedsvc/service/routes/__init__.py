"""The routes: one module a resource, each a thin shell over `embedsvc.queries`."""
