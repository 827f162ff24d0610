using System.Text;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.Processes;

/// <summary>Scripts, files with writers and probes in text, on a DAX filesystem. Source: fs/binfmt_script.c, fs/exec.c; the commits named in the history; gup-fork 7, row 35.</summary>
public class ScriptTests
{
    private const ulong Entry = 0x40_1000;

    private static Machine WithFiles(string kernel, out Mount mount, string? device = null)
    {
        var machine = Machine.Build(m =>
        {
            m.Kernel(kernel, Architecture.X8664).Ram("128M");
            if (device == "raw")
            {
                m.Pmem("64M", name: "pmem0");
            }
            else if (device == "disk")
            {
                m.Disk("64M", "pmem0");
            }
            else
            {
                m.Pmem("64M", PmemMode.FsDax, name: "pmem0");
            }
        });
        machine.Format("/dev/pmem0", "ext4", 4096);
        mount = machine.Mount("/dev/pmem0", "/usr", "ext4", device == "disk" ? "" : "dax").Value;
        return machine;
    }

    private static FileHandle Install(Mount mount, string name, ReadOnlySpan<byte> content)
    {
        var file = mount.Open(name, OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.WriteBytes(0, content).IsOk.Should().BeTrue();
        file.Sync();
        file.SetExecutable();
        file.Close();
        return mount.Open(name, OpenFlags.ReadOnly).Value;
    }

    private static FileHandle Program(Mount mount, string name)
    {
        var file = new byte[8192];
        Array.Fill(file, (byte)0x90, 4096, 4096);
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(24), Entry);
        BitConverter.TryWriteBytes(file.AsSpan(32), 64UL);
        BitConverter.TryWriteBytes(file.AsSpan(54), (ushort)56);
        BitConverter.TryWriteBytes(file.AsSpan(56), (ushort)1);
        BitConverter.TryWriteBytes(file.AsSpan(64), 1U);
        BitConverter.TryWriteBytes(file.AsSpan(68), 5U);
        BitConverter.TryWriteBytes(file.AsSpan(80), 0x40_0000UL);
        BitConverter.TryWriteBytes(file.AsSpan(96), 8192UL);
        BitConverter.TryWriteBytes(file.AsSpan(104), 8192UL);
        return Install(mount, name, file);
    }

    private static Process Caller(Machine machine, string arguments, out ulong[] addresses)
    {
        var process = machine.Spawn("sh");
        var memory = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Anonymous).Value;
        process.Write(memory, Encoding.ASCII.GetBytes(arguments.Replace(' ', '\0') + "\0"));
        var list = new List<ulong>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i == 0 || arguments[i - 1] == ' ')
            {
                list.Add(memory + (ulong)i);
            }
        }

        addresses = [.. list];
        return process;
    }

    [Fact]
    public void AScriptRunsItsInterpreterWithArgumentAndPath()
    {
        var machine = WithFiles("6.1", out var mount);
        Program(mount, "perl");
        var script = Install(mount, "script", "#! /usr/perl -w -T \nprint 1\n"u8);
        var process = Caller(machine, "script one two", out var arguments);
        process.Execve(script, "script", arguments).Value.Should().Be(Entry);
        Encoding.ASCII.GetString(process.ReadCommandLine()).Should().Be("/usr/perl\0-w -T\0/usr/script\0one\0two\0");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("#!/usr/none\n", Errno.ENOENT)]
    [InlineData("#!   \n", Errno.ENOEXEC)]
    [InlineData("#!/usr/self\n", Errno.ELOOP)]
    [InlineData("no program\n", Errno.ENOEXEC)]
    public void AScriptWithoutAnInterpreterIsRefused(string content, Errno errno)
    {
        var machine = WithFiles("6.1", out var mount);
        var script = Install(mount, "self", Encoding.ASCII.GetBytes(content));
        var process = machine.Spawn("sh");
        process.Execve(script, "self").Errno.Should().Be(errno);
        process.IsAlive.Should().BeTrue();
    }

    // 6eb3c3d0a52d (5.1): BINPRM_BUF_SIZE 128 -> 256.
    [Theory]
    [InlineData("5.0", Errno.ENOENT)]
    [InlineData("5.1", Errno.None)]
    public void ALongPathIsCutOffBeforeFiveOne(string kernel, Errno errno)
    {
        var machine = WithFiles(kernel, out var mount);
        var name = new string('p', 150);
        Program(mount, name);
        machine.Spawn("sh").Execve(Install(mount, "script", Encoding.ASCII.GetBytes($"#!/usr/{name}\n")), "script").Errno.Should().Be(errno);
    }

    // 2a010c412853 (6.11) and its revert 3b832035387f (6.13, 6.12.2).
    [Theory]
    [InlineData("6.10", true)]
    [InlineData("6.11", false)]
    [InlineData("6.12", false)]
    [InlineData("6.12.2", true)]
    [InlineData("6.13", true)]
    public void AFileWithAWriterIsNotRunAndARunningOneNotWritten(string kernel, bool kept)
    {
        var machine = WithFiles(kernel, out var mount);
        var program = Program(mount, "tool");
        var writer = mount.Open("tool", OpenFlags.ReadWrite).Value;
        machine.Spawn("sh").Execve(program, "tool").Errno.Should().Be(kept ? Errno.ETXTBSY : Errno.None);
        writer.Close();
        machine.Spawn("sh").Execve(program, "tool").IsOk.Should().BeTrue();
        mount.Open("tool", OpenFlags.ReadWrite).Errno.Should().Be(kept ? Errno.ETXTBSY : Errno.None);
    }

    [Fact]
    public void ASharedMappingOutlivesItsDescriptorAsAWriter()
    {
        var machine = WithFiles("6.1", out var mount);
        var program = Program(mount, "tool");
        var writer = mount.Open("tool", OpenFlags.ReadWrite).Value;
        var process = machine.Spawn("editor");
        var mapped = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, writer).Value;
        writer.Close();
        machine.Spawn("sh").Execve(program, "tool").Errno.Should().Be(Errno.ETXTBSY);
        process.Munmap(mapped, 4096);
        machine.Spawn("sh").Execve(program, "tool").IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData("6.1", "disk", Errno.None)]
    [InlineData("4.14", "fsdax", Errno.None)]
    [InlineData("4.14", "raw", Errno.EFAULT)]
    [InlineData("4.19", "fsdax", Errno.EIO)]
    [InlineData("7.2", "fsdax", Errno.EIO)]
    public void AProbeInTheTextOfADaxFile(string kernel, string device, Errno errno)
    {
        var machine = WithFiles(kernel, out var mount, device);
        var program = Program(mount, "tool");
        var process = machine.Spawn("sh");
        process.Execve(program, "tool").IsOk.Should().BeTrue();
        process.Execute(Entry).Should().Be(Verdict.Ok);
        var probe = program.RegisterUprobe(0x1000);
        probe.Errno.Should().Be(errno);
        process.ReadByte(Entry).Value.Should().Be(errno == Errno.None ? (byte)0xcc : (byte)0x90);
        var inFile = new byte[1];
        program.ReadBytes(0x1000, inFile);
        inFile[0].Should().Be(0x90, "the breakpoint is in a copy of the page");
        if (probe.IsOk)
        {
            probe.Value.PlaceCount.Should().Be(1);
            probe.Value.Unregister();
            process.ReadByte(Entry).Value.Should().Be(0x90);
        }

        machine.Audit().Should().BeEmpty();
    }

    /// <summary>Recorded by the kernel lab (data/scans, uprobe): mappings made later get the breakpoint if they are private and not writable; MADV_DONTNEED drops it with the page.</summary>
    [Fact]
    public void AProbeReachesMappingsMadeLaterAndChildren()
    {
        var machine = WithFiles("6.1", out var mount, "disk");
        var program = Program(mount, "tool");
        var process = machine.Spawn("sh");
        var probe = program.RegisterUprobe(0x1000).Value;
        probe.PlaceCount.Should().Be(0);

        var text = process.Mmap(0, 8192, Prot.Read | Prot.Exec, MapFlags.Private, program).Value;
        var data = process.Mmap(0, 8192, Prot.Read, MapFlags.Private, program).Value;
        var shared = process.Mmap(0, 8192, Prot.Read, MapFlags.Shared, program).Value;
        var own = process.Mmap(0, 8192, Prot.Read | Prot.Write, MapFlags.Private, program).Value;
        var child = process.Fork().Value;

        process.ReadByte(text + 0x1000).Value.Should().Be(0xcc);
        process.ReadByte(data + 0x1000).Value.Should().Be(0xcc, "it may be made executable");
        process.ReadByte(shared + 0x1000).Value.Should().Be(0x90);
        process.ReadByte(own + 0x1000).Value.Should().Be(0x90);
        child.ReadByte(text + 0x1000).Value.Should().Be(0xcc);
        child.Madvise(text, 8192, Advice.DontNeed);
        child.ReadByte(text + 0x1000).Value.Should().Be(0x90);
        probe.PlaceCount.Should().Be(3);

        probe.Unregister();

        probe.PlaceCount.Should().Be(0);
        process.ReadByte(text + 0x1000).Value.Should().Be(0x90);
        child.ReadByte(data + 0x1000).Value.Should().Be(0x90);
        process.ReadByte(process.Mmap(0, 8192, Prot.Read, MapFlags.Private, program).Value + 0x1000).Value.Should().Be(0x90);
        machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void ARestoredMachineHasTheProbesOfThatMoment()
    {
        var machine = WithFiles("6.1", out var mount, "disk");
        var program = Program(mount, "tool");
        var process = machine.Spawn("sh");
        var before = machine.Snapshot();
        program.RegisterUprobe(0x1000).IsOk.Should().BeTrue();
        machine.Restore(before);
        process.ReadByte(process.Mmap(0, 8192, Prot.Read, MapFlags.Private, program).Value + 0x1000).Value.Should().Be(0x90);
    }
}
