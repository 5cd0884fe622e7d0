//! Runs a Lambda extension once, from exec to its end, and prints what was measured as one line of JSON.
//!
//! Lambda and Loki are threads of this process, as cheap as they can be and the same for every extension. What is
//! measured is the extension, not the platform: nothing is frozen unless `--period-ms` asks for it.

mod busy;
mod environment;
mod extension;
mod http;
mod lambda;
mod loki;
mod options;
mod outcome;
mod run;
mod script;
mod stamp;
mod system;
mod telemetry;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(busy::SPIN) {
        busy::spin();
    }
    system::die_with_parent();
    match options::parse(std::env::args().skip(1)).and_then(run::run) {
        Ok(json) => println!("{json}"),
        Err(problem) => {
            eprintln!("{problem}");
            std::process::exit(1);
        }
    }
}
