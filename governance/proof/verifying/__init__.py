"""Everything derived anew from the stored records and compared with what is stored. Nothing is repaired."""
