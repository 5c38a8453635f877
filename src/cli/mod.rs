//! Arguments; one file per subcommand.
