//! One place that says how snapshots are kept: `snapshots/<area>/<stage>@<fixture>.snap`.

use insta::Settings;

use super::root;

/// What differs between machines and runs, and what stands for it.
const FILTERS: [(&str, &str); 1] = [(r"windrow \d+\.\d+\.\d+", "windrow [VERSION]")];

/// The settings for one area.
pub(crate) fn settings(area: &str) -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(area));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, stand_in) in FILTERS {
        settings.add_filter(pattern, stand_in);
    }
    settings
}
