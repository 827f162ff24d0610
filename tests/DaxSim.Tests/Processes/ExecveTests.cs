using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Programs run in place from DAX files. Sources: old.md and s390.md (execve rows), modern.md (env/exec, env/breakpoint).</summary>
public class ExecveTests
{
    private const ulong Text = 0x40_0000;
    private const ulong Entry = Text + 0x1000;

    /// <summary>One segment of two pages: headers, then nops.</summary>
    private static byte[] Program()
    {
        var file = new byte[2 * Scene.Page];
        Array.Fill(file, (byte)0x90, (int)Scene.Page, (int)Scene.Page);
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), Entry);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(64), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(68), 5);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(80), Text);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(96), 2 * Scene.Page);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(104), 2 * Scene.Page);
        return file;
    }

    private static FileHandle Store(Scene scene, Backing backing)
    {
        var file = scene.File(backing, pages: 2);
        file.WriteBytes(0, Program());
        file.Sync();
        file.SetExecutable();

        // Nobody may have it open for writing when it runs.
        var program = file.Reopen(OpenFlags.ReadOnly).Value;
        file.Close();
        return program;
    }

    [Theory]
    [InlineData("4.14", false)]
    [InlineData("4.19", true)]
    [InlineData("6.12", true)]
    public void TextWithoutStructPageRunsAndForks(string kernel, bool s390)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var file = Store(scene, Backing.PageLess);
        var process = scene.Spawn().Process;
        process.Execve(file, "hello").Value.Should().Be(Entry);
        process.Execute(Entry).Should().Be(Verdict.Ok);
        process.Fork().Value.Execute(Entry).Should().Be(Verdict.Ok);
        scene.Check();
    }

    [Fact]
    public void ArgumentsAreCopiedOutOfPageLessMemory()
    {
        var scene = Scene.For("6.1", Backing.PageLess, s390: true);
        var file = Store(scene, Backing.PageLess);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess);
        actor.Process.Write(address, "run\0-x\0"u8);
        actor.Process.Execve(file, "run", [address, address + 4]).IsOk.Should().BeTrue();
        actor.Process.ReadCommandLine().Should().Equal("run\0-x\0"u8.ToArray());
    }

    [Fact]
    public void WhatIsNoProgramIsRefusedAndTheProcessGoesOn()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon);
        var writer = scene.File(Backing.PageCache);
        var file = writer.Reopen(OpenFlags.ReadOnly).Value;
        writer.Close();
        actor.Process.Execve(file, "x").Errno.Should().Be(Errno.EACCES);
        file.SetExecutable();
        actor.Process.Execve(file, "x").Errno.Should().Be(Errno.ENOEXEC);
        actor.Process.Execve(Store(scene, Backing.PageCache), "x", [0x1000]).Errno.Should().Be(Errno.EFAULT);
        actor.Process.WriteByte(address, 1).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void ARunningProgramCannotBeOpenedForWriting()
    {
        var scene = Scene.X86("6.1");
        var writer = scene.Machine.CreateTmpfsFile("/tmp/x");
        writer.WriteBytes(0, Program());
        writer.SetExecutable();
        var file = writer.Reopen(OpenFlags.ReadOnly).Value;
        writer.Close();
        var process = scene.Spawn().Process;
        process.Execve(file, "x").IsOk.Should().BeTrue();
        file.Reopen(OpenFlags.ReadWrite).Errno.Should().Be(Errno.ETXTBSY);
        file.Reopen(OpenFlags.ReadOnly).IsOk.Should().BeTrue();
        process.Exit();
        file.Reopen(OpenFlags.ReadWrite).IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.10", 0x00)]
    [InlineData("6.1", 0x00)]
    [InlineData("7.2", 0x90)]
    public void ABreakpointInTextThatWasReadDestroysTheRestOfThePageUntilDaxPagesAreNormal(string kernel, byte behind)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var file = Store(scene, Backing.FsDax);
        var program = scene.Spawn().Process;
        program.Execve(file, "hello").IsOk.Should().BeTrue();
        program.Execute(Entry).Should().Be(Verdict.Ok);
        var debugger = scene.Spawn("gdb").Process;
        debugger.PtracePoke(program, Entry, 0x9090_9090_9090_90cc).Should().Be(Verdict.Ok);
        program.ReadByte(Entry).Value.Should().Be(0xcc);
        program.ReadByte(Entry + 8).Value.Should().Be(behind);
        var inFile = new byte[1];
        file.ReadBytes(0x1000, inFile);
        inFile[0].Should().Be(0x90);
    }
}
