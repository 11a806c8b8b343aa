//! The command line, as whoever runs the host sees it.
