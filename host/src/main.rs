//! Arguments to the library, the library's answer to the shell.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use hullmark::cli::{Streams, run};

fn main() -> ExitCode {
    let (out_is_terminal, err_is_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let mut out = io::BufWriter::new(io::stdout().lock());
    // Not locked: what people see who wait is written by other threads.
    let mut err = io::stderr();
    let done = run(std::env::args_os(), Streams { out: &mut out, err: &mut err, out_is_terminal, err_is_terminal });
    let done = done.and_then(|exit| match out.flush() {
        // Whoever closed the pipe has read enough; the exit code still says how it went.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(exit),
    });
    match done {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            // Where not even this can be written, the exit code has to do.
            let _ = writeln!(err, "hullmark: the report cannot be written: {error}");
            ExitCode::from(3)
        }
    }
}
