//! Wrong usage: what clap found, and what people without a command want to know.

use std::process::ExitCode;

use clap::error::ErrorKind;

/// Shows help, the version, or what is wrong with the arguments.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell where printing fails.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}
