//! The check of nginx, which needs more than a command line.
//!
//! Not here: envoy and haproxy, whose command lines are all there is to them.

use super::Run;
use super::job::ask;
use super::network::{Network, inside};
use crate::Outcome;

/// `nginx -t`. A file without `events` is one that the main file includes, and gets such a main file.
pub(super) fn nginx(run: &Run<'_>) -> Outcome {
    let file = run.readable(run.file())?;
    let text = run.text(run.file())?;
    let is_main = text.lines().any(|line| line.trim_start().starts_with("events"));
    let main = if is_main {
        file
    } else {
        // Everything that nginx would otherwise write or make lies in the scratch folder; in a user namespace
        // it could give none of it away to a user of its own.
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String =
            temporary.iter().map(|name| format!("    {name}_temp_path {name};\n")).collect();
        let text = format!(
            "user root;\npid nginx.pid;\nerror_log stderr warn;\nevents {{}}\nhttp {{\n    access_log off;\n{temporary}    \
             include '{}';\n}}\n",
            file.display()
        );
        run.write("main.conf", &text)?
    };
    // A test opens the ports that the file listens on, at addresses that are the host's.
    let script =
        r#"echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind; exec nginx -t -q -e stderr -p "$1" -c "$2""#;
    ask(&mut inside(run, &Network::default(), script, &[&run.scratch, &main])?, &["[warn]", "[emerg]"])
}
