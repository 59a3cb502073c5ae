//! How `WebKitGTK` paints on a machine without a graphics card.
//!
//! Its usual way hands finished frames over through the graphics card's memory. Without one, the card is played by the
//! processor, and eight streaming answers cost more than half of the frames (`docs/benchmarks.md`). The older way through
//! ordinary memory is then the faster one; `WebKitGTK` chooses it by an environment variable, read when it starts.

/// Starts this program anew with the variable set, where that helps; returns where it does not. The process stays the same.
#[cfg(target_os = "linux")]
pub(crate) fn suit_the_machine() {
    use std::os::unix::process::CommandExt;

    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let is_set = |variable| std::env::var_os(variable).is_some();
    // A window that a test drives is never idle in front of somebody, and its pictures need the usual way.
    if is_set(VARIABLE) || is_set("TAURI_WEBVIEW_AUTOMATION") || has_graphics_card() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // Comes back only if it could not be done; then the usual way has to do.
        let _ =
            std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, "1").exec();
    }
}

#[cfg(target_os = "linux")]
fn has_graphics_card() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|mut entries| {
        entries
            .any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("renderD")))
    })
}

/// Other systems' web views choose for themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn suit_the_machine() {}
