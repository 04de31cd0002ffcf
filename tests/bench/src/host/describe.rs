//! The machine in words, for whoever compares figures.

use std::fs;

/// Processor, cores, memory, kernel and distribution; what cannot be read is said to be unknown.
pub(crate) fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    words(
        &read("/proc/cpuinfo"),
        &read("/proc/meminfo"),
        &read("/proc/sys/kernel/osrelease"),
        &read("/etc/os-release"),
    )
}

fn words(cpuinfo: &str, meminfo: &str, kernel: &str, os_release: &str) -> String {
    let value = |text: &str, key: &str, separator: char| {
        let mut lines = text.lines().filter_map(|line| line.split_once(separator));
        let found = lines.find(|(name, _)| name.trim() == key);
        found.map_or_else(
            || "unknown".into(),
            |(_, value)| value.trim().replace('"', ""),
        )
    };
    let model = value(cpuinfo, "model name", ':');
    let cores = cpuinfo
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let memory = value(meminfo, "MemTotal", ':');
    let memory = memory
        .trim_end_matches(" kB")
        .parse::<u64>()
        .unwrap_or_default()
        >> 20;
    let system = value(os_release, "PRETTY_NAME", '=');
    format!(
        "{model}, {cores} cores, {memory} GB, Linux {}, {system}",
        kernel.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_named_from_what_the_kernel_tells() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Fast CPU @ 3GHz\n\nprocessor\t: 1\n\
                       model name\t: Fast CPU @ 3GHz\n";
        let meminfo = "MemTotal:       24684096 kB\n";
        let system = "NAME=\"Debian\"\nPRETTY_NAME=\"Debian 12\"\n";
        assert_eq!(
            words(cpuinfo, meminfo, "6.1.0\n", system),
            "Fast CPU @ 3GHz, 2 cores, 23 GB, Linux 6.1.0, Debian 12"
        );
        assert_eq!(
            words("", "", "", ""),
            "unknown, 0 cores, 0 GB, Linux , unknown"
        );
    }
}
