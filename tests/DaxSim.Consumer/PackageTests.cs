using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Xml.Linq;

namespace DaxSim.Consumer;

/// <summary>What is in the packages that this project was restored from.</summary>
public class PackageTests
{
    private static readonly Guid EmbeddedSource = new("0e8a571b-6926-466e-b4ad-8ab04611f5fe");

    private static readonly string Feed = FindFeed();

    public static TheoryData<string, string[]> Libraries => new()
    {
        { "DaxSim", ["Microsoft.Extensions.Logging.Abstractions", "System.IO.Hashing"] },
        { "DaxSim.Testing", ["DaxSim"] },
        { "DaxSim.FluentAssertions", ["DaxSim", "FluentAssertions"] },
        { "DaxSim.Scenarios", ["DaxSim", "YamlDotNet"] },
    };

    public static TheoryData<string> All => ["DaxSim", "DaxSim.Testing", "DaxSim.FluentAssertions", "DaxSim.Scenarios", "DaxSim.Tool"];

    [Theory]
    [MemberData(nameof(All))]
    public void Each_says_what_it_is_under_which_licence(string id)
    {
        using var package = Open(id, "nupkg");
        var metadata = Nuspec(package);

        metadata.Element("license")!.Value.Should().Be("MIT");
        metadata.Element("license")!.Attribute("type")!.Value.Should().Be("expression");
        metadata.Element("description")!.Value.Should().NotBeNullOrWhiteSpace();
        Read(package, metadata.Element("readme")!.Value).Length.Should().BeGreaterThan(200);
        Read(package, metadata.Element("icon")!.Value).AsSpan(1, 3).SequenceEqual("PNG"u8).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Each_library_depends_on_what_it_uses_and_documents_itself(string id, string[] dependencies)
    {
        using var package = Open(id, "nupkg");

        Nuspec(package).Descendants("dependency").Select(d => d.Attribute("id")!.Value).Should().BeEquivalentTo(dependencies);
        var dll = package.Entries.Single(e => e.FullName.StartsWith("lib/net10.0/", StringComparison.Ordinal) && e.Name.EndsWith(".dll", StringComparison.Ordinal)).FullName;
        XDocument.Parse(Encoding.UTF8.GetString(Read(package, Path.ChangeExtension(dll, "xml")))).Descendants("member").Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_symbols_carry_their_sources_and_no_path_of_the_machine_that_packed(string id)
    {
        using var package = Open(id, "snupkg");
        var symbols = package.Entries.Where(e => e.Name.EndsWith(".pdb", StringComparison.Ordinal)).ToList();
        symbols.Should().NotBeEmpty();
        foreach (var symbol in symbols)
        {
            using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Read(package, symbol.FullName)));
            var reader = provider.GetMetadataReader();
            foreach (var document in reader.Documents)
            {
                var name = reader.GetString(reader.GetDocument(document).Name);
                name.Should().StartWith("/_/");
                reader.GetCustomDebugInformation(document).Any(i => reader.GetGuid(reader.GetCustomDebugInformation(i).Kind) == EmbeddedSource).Should().BeTrue("{0} is embedded", name);
            }
        }
    }

    private static string FindFeed()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var feed = Path.Combine(folder.FullName, "artifacts", "packages");
            if (Directory.Exists(feed))
            {
                return feed;
            }
        }

        throw new InvalidOperationException("There is no artifacts/packages above this project: run 'dotnet pack -c Release DaxSim.sln -o artifacts/packages' first.");
    }

    private static ZipArchive Open(string id, string kind) => ZipFile.OpenRead(Directory.GetFiles(Feed, $"{id}.?.*.{kind}").Single());

    private static XElement Nuspec(ZipArchive package)
    {
        var root = XElement.Parse(Encoding.UTF8.GetString(Read(package, package.Entries.Single(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal)).FullName)).TrimStart('\uFEFF'));
        foreach (var element in root.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName;
        }

        return root.Element("metadata")!;
    }

    private static byte[] Read(ZipArchive package, string entry)
    {
        using var stream = package.GetEntry(entry)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
