using DaxSim.FileSystems;
using DaxSim.Policy;

namespace DaxSim.Testing;

/// <content>Machines without a filesystem.</content>
public static partial class Machines
{
    private const string ReservedStart = "128M";

    /// <summary>x86_64 with the character device /dev/dax0.0, 16 MiB in pieces of 2 MiB (drivers/dax/device.c). From 4.7 on.</summary>
    /// <param name="kernel">For example <c>6.1</c>.</param>
    /// <exception cref="InvalidOperationException">The kernel has no such driver; the message tells why.</exception>
    public static ReadyMachine DeviceDax(string kernel) => DeviceDax(KernelPolicy.Mainline(kernel, Architecture.X8664));

    /// <inheritdoc cref="DeviceDax(string)"/>
    /// <param name="kernel">A kernel of x86_64 or ppc64le.</param>
    public static ReadyMachine DeviceDax(KernelPolicy kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        const int Piece = 2 << 20;
        var machine = Machine.Build(m => m.Kernel(kernel).DeviceDax("16M", "2M").RecordDecisions());
        if (machine.Refusals.Count > 0)
        {
            throw new InvalidOperationException($"Kernel {kernel} cannot drive device-dax: {machine.Refusals[^1].Reason}");
        }

        return new ReadyMachine(machine, machine.OpenDevice($"/dev/{machine.Devices[^1].Name}").Value) { MappingUnit = Piece };
    }

    /// <summary>x86_64 with 16 MiB of reserved physical memory at 128 MiB, mapped through /dev/mem: a device's memory in the raw, VM_PFNMAP, without struct pages.</summary>
    /// <param name="kernel">For example <c>6.1</c>.</param>
    public static ReadyMachine DeviceMemory(string kernel) => DeviceMemory(KernelPolicy.Mainline(kernel, Architecture.X8664));

    /// <inheritdoc cref="DeviceMemory(string)"/>
    /// <param name="kernel">The kernel.</param>
    public static ReadyMachine DeviceMemory(KernelPolicy kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var machine = Machine.Build(m => m.Kernel(kernel).Reserve("16M", ReservedStart).RecordDecisions());
        return new ReadyMachine(machine, machine.OpenDevMem(OpenFlags.ReadWrite)) { FileOffset = 128 << 20 };
    }

    /// <summary>x86_64 with RAM only: <see cref="ReadyMachine.Map"/> maps anonymous memory.</summary>
    /// <param name="kernel">For example <c>5.8</c>.</param>
    public static ReadyMachine Anonymous(string kernel) => Anonymous(KernelPolicy.Mainline(kernel, Architecture.X8664));

    /// <inheritdoc cref="Anonymous(string)"/>
    /// <param name="kernel">The kernel.</param>
    public static ReadyMachine Anonymous(KernelPolicy kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return new ReadyMachine(Machine.Build(m => m.Kernel(kernel).RecordDecisions()), null);
    }
}
