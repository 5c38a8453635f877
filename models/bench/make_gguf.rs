//! Writes a language model of a real shape with random weights, for `./dev bench`:
//! `cargo run --release -p llm-worker --example make_gguf -- half-billion target/bench-models/half-billion.gguf`

use std::{fs::File, io::BufWriter, process::ExitCode};

mod gguf_writer;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [shape, target] = args.as_slice() else {
        eprintln!("make_gguf tiny|half-billion FILE");
        return ExitCode::from(2);
    };
    let shape = match shape.as_str() {
        "tiny" => gguf_writer::TINY,
        "half-billion" => gguf_writer::HALF_BILLION,
        other => {
            eprintln!("there is no shape {other:?}; write tiny or half-billion");
            return ExitCode::from(2);
        }
    };
    let written = File::create(target).and_then(|file| gguf_writer::write(&mut BufWriter::new(file), shape));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{target}: {fault}");
            ExitCode::FAILURE
        }
    }
}
