//! The machine: which core a process may use, and what it used.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the server is.
pub(crate) const SERVING: &str = "0";
/// Where this program is, and PostgreSQL.
pub(crate) const ASKING: &str = "1";
/// Both.
pub(crate) const BOTH: &str = "0,1";

/// Keeps this process, and those it starts, on some cores.
pub(crate) fn stay_on(cores: &str) {
    let pid = std::process::id().to_string();
    let kept = Command::new("taskset")
        .args(["-c", "-p", cores, &pid])
        .stdout(Stdio::null())
        .status();
    assert!(
        kept.is_ok_and(|status| status.success()),
        "two cores and taskset are needed"
    );
}

/// The CPU time that a process used so far, all of its threads together.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // After the name in parentheses, which may hold anything: field 3 and on; 14 and 15 are user and system time.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u32 = fields[11..13]
        .iter()
        .map(|field| field.parse::<u32>().unwrap())
        .sum();
    // Linux tells it in hundredths of a second, on every machine.
    Duration::from_millis(10) * ticks
}

/// The memory that a process holds at this moment, in MB.
pub(crate) fn memory(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1.024 / 1000.0
}

/// How busy the machine was with other things over the last minute: what `uptime` says.
pub(crate) fn load_average() -> f64 {
    let told = fs::read_to_string("/proc/loadavg").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}
