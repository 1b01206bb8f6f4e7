"""Plain SQL in plain functions that take a connection, one file a noun. The only user of psycopg.

StoreError                what went wrong with PostgreSQL
├── StoreDown             it cannot be reached: what arrives is spooled, and kept
└── StoreRefused          it refused the row: a promise that the database keeps was about to be broken
"""

from core.store.pool import Store, StoreDown, StoreError, StoreRefused

__all__ = ["Store", "StoreDown", "StoreError", "StoreRefused"]
