//! The files of keepalived on hosts with virtual addresses.

use platc_artifact::{Artifact, Format, Lines, Mode, OnChange};
use platc_diag::Origin;
use platc_plan::traffic::PROXY_HEALTH_PATH;
use platc_plan::{HostPlan, VipCheck, VipPlan};

use crate::hosts::{HostEmitter, HostFile, OnHost, one};
use crate::rules;

pub(crate) static EMITTER: HostEmitter = HostEmitter { name: "keepalived", files: FILES, check: |_, _| {} };

/// keepalived uses eight characters of it, and refuses longer ones. It keeps out mistakes, not enemies.
const PASSWORD: &str = "@@secret:vrrp-password@@";
const SCRIPT: &str = "/etc/keepalived/platc-check.sh";
/// A host that is not fit loses this much, which is more than priorities of hosts are apart: whoever is fit
/// has more.
const UNFIT: i32 = -50;

static FILES: &[HostFile] = &[
    HostFile {
        kind: "keepalived",
        paths: |on| one(!on.host.vips.is_empty(), "/etc/keepalived/keepalived.conf"),
        write: |on, _, artifact| {
            artifact.mode = Mode::PRIVATE;
            artifact.on_change.push(OnChange::Run("keepalived"));
            write(on, artifact);
        },
    },
    HostFile {
        kind: "keepalived-check",
        paths: |on| one(!on.host.vips.is_empty(), SCRIPT),
        write: |_, _, artifact| {
            artifact.mode = Mode::SCRIPT;
            artifact.text(include_str!("check.sh"));
        },
    },
];

fn write(on: &OnHost<'_>, artifact: &mut Artifact) {
    let host = on.host;
    artifact.doc(Format::Keepalived).from(Origin::decided(&rules::HOST_SETUP, host.span), |root| {
        root.lines(|l| {
            l.block("global_defs", |l| {
                l.line(("router_id", &*host.name));
                l.line("enable_script_security");
                l.line(("script_user", "keepalived_script"));
                // Switches forget; once a minute they are told again who has the address.
                l.line(("vrrp_garp_master_refresh", 60));
            });
            let mut checks: Vec<&VipCheck> = Vec::new();
            for vip in &host.vips {
                if !checks.contains(&&vip.check) {
                    checks.push(&vip.check);
                    l.from(vip.address.origin, |l| script(l, &vip.check));
                }
            }
            for vip in &host.vips {
                l.from(vip.address.origin, |l| instance(l, host, vip));
            }
        });
    });
}

fn script(l: &mut Lines<'_>, check: &VipCheck) {
    l.block(("vrrp_script", check_name(check)), |l| {
        let command = match check {
            VipCheck::ApiServer => format!("{SCRIPT} apiserver"),
            VipCheck::Proxy(port) => format!("{SCRIPT} proxy http://127.0.0.1:{port}{PROXY_HEALTH_PATH}"),
            VipCheck::Listens(port) => format!("{SCRIPT} listens {port}"),
        };
        l.line(("script", command));
        l.line(("interval", 3));
        l.line(("timeout", 3));
        l.line(("fall", 3));
        l.line(("rise", 2));
        l.line(("weight", UNFIT));
    });
}

fn check_name(check: &VipCheck) -> String {
    match check {
        VipCheck::ApiServer => "chk_apiserver".to_owned(),
        VipCheck::Proxy(port) => format!("chk_proxy_{port}"),
        VipCheck::Listens(port) => format!("chk_listens_{port}"),
    }
}

fn instance(l: &mut Lines<'_>, host: &HostPlan, vip: &VipPlan) {
    l.block(("vrrp_instance", format!("vip_{}", vip.vrid)), |l| {
        // Nobody begins as the one who has it: the first word would interrupt whoever does.
        l.line(("state", "BACKUP"));
        l.line(("interface", &*host.interface));
        l.line(("virtual_router_id", vip.vrid));
        l.line(("priority", vip.priority));
        l.line(("advert_int", 1));
        l.line(("unicast_src_ip", host.address));
        if !vip.peers.is_empty() {
            l.block("unicast_peer", |l| vip.peers.iter().for_each(|peer| l.line(*peer)));
        }
        l.block("authentication", |l| {
            l.line(("auth_type", "PASS"));
            l.line(("auth_pass", PASSWORD));
        });
        l.block("virtual_ipaddress", |l| {
            let address = format!("{}/{}", vip.address.value, vip.prefix);
            l.line((vip.address.origin.of(address), "dev", &*vip.interface));
        });
        l.block("track_script", |l| l.line(check_name(&vip.check)));
    });
}
