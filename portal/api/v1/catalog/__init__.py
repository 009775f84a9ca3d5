"""The catalog as Partner Center shows it: products, SKUs, availabilities, and the offers of older clients."""
