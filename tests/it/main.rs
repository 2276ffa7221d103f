//! The one test binary. One module per area.
