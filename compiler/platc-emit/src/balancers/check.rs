//! What a balancer's software cannot say.
//!
//! Start with [`check`].

use platc_diag::{Diagnostic, Problems, codes};
use platc_model::Text;
use platc_model::generated::Software;
use platc_plan::Plan;

pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    for balancer in plan.balancers.iter().filter(|balancer| balancer.software.value == Software::Nginx) {
        for route in balancer.routes.iter().filter(|route| route.path.contains('$')) {
            let span = route.path.origin.span().unwrap_or(balancer.span);
            let problem = Diagnostic::new(
                codes::E0630,
                span,
                format!(
                    "nginx cannot be told of the path `{}`: it takes `$` for a variable",
                    route.path.value
                ),
            );
            let problem =
                problem.help("send a shorter path to the proxy, which can tell `$` apart, or use haproxy");
            problems.push(problem.about(Text::clone(&balancer.name)));
        }
    }
}
