//! The `nightdesk` program: the command line in `nightdesk::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    nightdesk::cli::main()
}
