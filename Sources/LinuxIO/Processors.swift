internal import CSystemShims

/// The processors of the machine.
public enum Processors {
    /// How many the calling thread may run on, at least 1.
    ///
    /// What taskset(1) and cpusets of containers leave; shares of processors (cgroups' `cpu.max`) are not looked at.
    public static var count: Int { Int(csys_processor_count()) }
}
