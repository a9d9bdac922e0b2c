//! Developer tasks.

mod codegen;

fn main() {
    let root = std::path::Path::new(".");
    match codegen::generate(root) {
        Ok(text) => std::fs::write(root.join(codegen::TARGET), text).expect("write"),
        Err(error) => { eprintln!("{error}"); std::process::exit(1) }
    }
}
