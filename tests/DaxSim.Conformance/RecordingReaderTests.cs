using System.IO.Compression;
using System.Text;
using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Tests;

/// <summary>Bad input gets one clear message with file and line, and the rest is still read.</summary>
public sealed class RecordingReaderTests : IDisposable
{
    private const string Good = """{"case":"env/mount/x","mapping":"-","state":"-","op":"mount","result":"ok","ret":0}""";
    private readonly string folder = Directory.CreateTempSubdirectory("daxsim-recordings").FullName;
    private readonly List<InputProblem> problems = [];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ACutLineIsReportedAndTheOthersAreRead()
    {
        var read = Read($"{Good}\n{Good[..40]}\n{Good}\n");

        read.Should().HaveCount(2);
        problems.Should().ContainSingle().Which.Line.Should().Be(2);
        problems[0].Message.Should().StartWith("the line is cut");
    }

    [Fact]
    public void TheLastLineNeedsNoLineEnd()
    {
        Read($"{Good}\n{Good}").Should().HaveCount(2);
        problems.Should().BeEmpty();
    }

    [Fact]
    public void OfTwoFieldsWithOneNameTheLastCounts()
    {
        // The recorder prints an errno of the main call and a second one when the fork behind it is refused (6.12.107 devmem_private/wr/madv_dontneed).
        var read = Read("""{"case":"a/wr/madv_dontneed","mapping":"a","state":"wr","op":"madv_dontneed","result":"errno","errno":"EINVAL","errno":"ENOMEM","step":"fork"}""" + "\n");
        read.Should().ContainSingle().Which.Text("errno").Should().Be("ENOMEM");
        problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"case":5,"mapping":"-","state":"-","op":"mount","result":"ok"}""", "'case' is a number, expected a string.")]
    [InlineData("""{"case":"a","mapping":"-","state":"-","op":"mount","result":"ok","ret":"0"}""", "'ret' is a string, expected a number.")]
    [InlineData("""{"case":"a","mapping":"-","state":"-","op":"mount"}""", "the line has no 'result', which every line of the cells format has.")]
    [InlineData("""{"seed":1,"step":"0","op":"read"}""", "'step' is a string, expected a number.")]
    [InlineData("""{"kernel":"4.19.0","case":"a","mapping":"-","op":"mount","result":"ok","errno":null,"signal":null,"value":7}""", "'value' is a number, expected a string.")]
    [InlineData("""{"case":"a","mapping":"-","state":"-","op":"mount","result":"ok","x":"\ud800"}""", "the line holds text that is not valid UTF-8.")]
    [InlineData("[1]", "the line is no JSON object: A line must be one object.")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "the line is no JSON object*")]
    public void AWrongLineIsReported(string line, string message)
    {
        Read($"{line}\n{Good}\n").Should().ContainSingle();
        problems.Should().ContainSingle().Which.Message.Should().Match(message);
    }

    [Fact]
    public void ALineOfAnyLengthIsSkippedWithoutBeingHeld()
    {
        var path = Path.Combine(folder, "6.1.jsonl.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.ASCII.GetBytes(Good + "\n"));
            var block = new byte[1 << 20];
            Array.Fill(block, (byte)'x');
            for (var i = 0; i < 256; i++)
            {
                gzip.Write(block);
            }

            gzip.Write(Encoding.ASCII.GetBytes("\n" + Good + "\n"));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        RecordingReader.Read(path, problems.Add).Should().HaveCount(2);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(16 << 20);
        problems.Should().ContainSingle().Which.ToString().Should().EndWith(":2: the line is longer than 1 MiB and was skipped.");
    }

    [Fact]
    public void GzipDataThatIsCutIsReported()
    {
        var whole = File.ReadAllBytes(Recordings.Named("old", "3.19.8"));
        var path = Path.Combine(folder, "3.19.8.jsonl.gz");
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        RecordingReader.Read(path, problems.Add).ToList().Should().NotBeEmpty();
        problems.Should().ContainSingle().Which.Line.Should().BePositive();
    }

    [Fact]
    public void DamagedGzipDataIsReported()
    {
        var bytes = File.ReadAllBytes(Recordings.Named("old", "3.19.8"));
        bytes.AsSpan(bytes.Length / 2, 64).Fill(0xff);
        var path = Path.Combine(folder, "3.19.8.jsonl.gz");
        File.WriteAllBytes(path, bytes);

        RecordingReader.Read(path, problems.Add).Should().NotBeNull().And.HaveCountGreaterThan(0);
        problems.Should().NotBeEmpty();
    }

    [Fact]
    public void AFileThatOnlyClaimsToBeGzipIsReported()
    {
        var path = Path.Combine(folder, "6.1.jsonl.gz");
        File.WriteAllText(path, Good);

        RecordingReader.Read(path, problems.Add).Should().BeEmpty();
        problems.Should().ContainSingle().Which.Message.Should().Contain("not gzip");
    }

    [Theory]
    [InlineData("nowhere.jsonl", "there is no such file.")]
    [InlineData("", "this is a directory: name the recordings in it.")]
    public void AFileThatCannotBeOpenedIsReported(string name, string message)
    {
        RecordingReader.Read(Path.Combine(folder, name), problems.Add).Should().BeEmpty();
        problems.Should().ContainSingle().Which.Message.Should().Be(message);
    }

    [Theory]
    [InlineData("cells", "6.1.0-56-cloud-amd64", RecordingFormat.Cells)]
    [InlineData("random", "6.1.0-56-cloud-amd64", RecordingFormat.Random)]
    [InlineData("old", "4.19.0", RecordingFormat.Old)]
    [InlineData("s390", "4.19.0", RecordingFormat.S390)]
    [InlineData("s390", "6.1.0-50-s390x", RecordingFormat.S390)]
    public void TheFormatIsToldByTheContent(string format, string kernel, RecordingFormat expected)
        => RecordingReader.Read(Recordings.Named(format, kernel), problems.Add).Should().OnlyContain(o => o.Format == expected);

    private List<Observation> Read(string text)
    {
        var path = Path.Combine(folder, "6.1.jsonl");
        File.WriteAllText(path, text);
        return [.. RecordingReader.Read(path, problems.Add)];
    }
}
