//! The binary: reads the command line and runs the command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    doorward::cli::run().await
}
