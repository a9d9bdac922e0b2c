//! Documents with origins, the printers that write them, and what judges see.
