//! `windrow demo`: the whole line on one machine, with faults that are real.

use std::io::IsTerminal;

use crate::demo::{self, Error, Frame, Options, Summary};
use crate::diag::{Code, Diagnostic};
use crate::executor::on_signal;

use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Start real brokers of Apache Kafka (`tests/setup --kafka` fetches them) instead of embedded clusters
    #[arg(long)]
    real: bool,
    /// What the summary is printed as
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let failed = |message: String| Failure::world(Diagnostic::without_place(Code::E0920, message));
    let interrupted = on_signal().map_err(|error| failed(format!("signals cannot be handled: {error}")))?;
    let mut screen = Screen::new();
    let outcome =
        demo::run(&Options { interrupted, real: args.real }, &mut |frame| screen.show(frame, output));
    match outcome {
        Ok(summary) => {
            print(&summary, args.format, output)?;
            let same = summary.differing_cells == 0 && summary.conflicting_repeats == 0;
            Ok(if same { Exit::Fine } else { Exit::Differences })
        }
        Err(Error::Interrupted) => {
            Err(failed("the demo was interrupted; everything it started is gone".to_owned()))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

fn print(summary: &Summary, format: Format, output: &mut Output) -> Result<(), Failure> {
    match format {
        Format::Text => output.data(&format!("{}\n", summary.text())),
        Format::Json => {
            output.data(&serde_json::to_string(summary).expect("figures and texts have a JSON form"))
        }
    }
}

/// Where frames go: redrawn in place on a terminal, else a line for each thing that happens.
struct Screen {
    is_terminal: bool,
    lines_drawn: usize,
    told: usize,
}

impl Screen {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), lines_drawn: 0, told: 0 }
    }

    fn show(&mut self, frame: &Frame, output: &mut Output) {
        for line in &frame.story[self.told.min(frame.story.len())..] {
            self.erase(output);
            output.talk(line);
        }
        self.told = self.told.max(frame.story.len());
        match &frame.table {
            Some(table) if self.is_terminal => self.draw(&format!("{table}\n{}", frame.headline), output),
            Some(_) => {}
            None => output.talk(&frame.headline),
        }
    }

    fn draw(&mut self, picture: &str, output: &mut Output) {
        self.erase(output);
        output.talk(picture);
        self.lines_drawn = picture.lines().count();
    }

    /// Back to where the last picture began, with nothing below.
    fn erase(&mut self, output: &mut Output) {
        if self.lines_drawn > 0 {
            output.talk_raw(&format!("\x1b[{}A\x1b[J", self.lines_drawn));
            self.lines_drawn = 0;
        }
    }
}
