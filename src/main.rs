//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    windrow::cli::main(std::env::args_os()).into()
}
