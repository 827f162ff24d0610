using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace DaxSim.Tests.House.Documents;

/// <summary>docs/reference/: a page per namespace, made of the XML documentation of the libraries and what reflection sees.</summary>
internal static class ReferenceDocument
{
    private static readonly Assembly[] Libraries =
    [
        typeof(Machine).Assembly,
        typeof(DaxSim.Testing.Machines).Assembly,
        Assembly.Load("DaxSim.FluentAssertions"),
        typeof(DaxSim.Scenarios.Files.MachineFile).Assembly,
    ];

    /// <summary>The pages by file name below docs/.</summary>
    internal static Dictionary<string, string> Render()
    {
        var pages = new Dictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder("# Reference\n\nGenerated from the XML documentation of the packages: a page per namespace.\n");
        foreach (var library in Libraries)
        {
            var documentation = Documentation.Of(library);
            index.Append(CultureInfo.InvariantCulture, $"\n## {Package(library)}\n\n");
            foreach (var space in library.GetExportedTypes().GroupBy(t => t.Namespace!).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                var types = space.OrderBy(t => TypeText.NameOf(t), StringComparer.Ordinal).ToList();
                index.Append(CultureInfo.InvariantCulture, $"- [{space.Key}]({space.Key}.md): {string.Join(", ", types.Where(t => !t.IsNested).Select(t => $"`{TypeText.NameOf(t)}`"))}\n");
                pages[$"reference/{space.Key}.md"] = Page(library, space.Key, types, documentation);
            }
        }

        pages["reference/README.md"] = index.ToString();
        return pages;
    }

    private static string Package(Assembly library) => library.GetName().Name == "DaxSim.Core" ? "DaxSim" : library.GetName().Name!;

    private static string Page(Assembly library, string space, List<Type> types, Documentation documentation)
    {
        var text = new StringBuilder($"# {space}\n\nPackage `{Package(library)}`. Generated; do not edit.\n");
        foreach (var type in types)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {TypeText.NameOf(type)}\n\n");
            text.Append(CultureInfo.InvariantCulture, $"`{TypeText.Declaration(type)}`\n\n");
            documentation.Describe(text, DocumentationId.Of(type), "");
            if (type.IsEnum)
            {
                foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                {
                    text.Append(CultureInfo.InvariantCulture, $"- `{field.Name}` = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}{documentation.Inline(DocumentationId.Of(field))}\n");
                }

                continue;
            }

            foreach (var member in Members(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"- `{TypeText.Signature(member)}`  \n");
                documentation.Describe(text, DocumentationId.Of(member), "  ");
            }
        }

        return text.ToString();
    }

    /// <summary>What a reader looks for: no members of every record, no overrides of what every object has.</summary>
    private static IEnumerable<MemberInfo> Members(Type type)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        string[] ordinary = ["Equals", "GetHashCode", "ToString", "Deconstruct", "PrintMembers", "<Clone>$", "GetEnumerator", "CompareTo"];
        return type.GetMembers(declared)
            .Where(m => m is not Type && m.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null)
            .Where(m => m is not MethodBase { IsSpecialName: true } or ConstructorInfo)
            .Where(m => !ordinary.Contains(m.Name))
            .Where(m => m is not ConstructorInfo constructor || constructor.GetParameters().Length > 0)
            .OrderBy(m => m switch { ConstructorInfo => 0, FieldInfo => 1, PropertyInfo => 2, EventInfo => 3, _ => 4 })
            .ThenBy(m => m.Name, StringComparer.Ordinal)
            .ThenBy(m => TypeText.Signature(m), StringComparer.Ordinal);
    }
}

/// <summary>The XML documentation of one library.</summary>
internal sealed class Documentation
{
    private readonly Dictionary<string, XElement> members;

    private Documentation(Dictionary<string, XElement> members) => this.members = members;

    internal static Documentation Of(Assembly library)
    {
        var file = Path.ChangeExtension(library.Location, "xml");
        return new(XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member").GroupBy(m => m.Attribute("name")!.Value).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal));
    }

    internal string Inline(string id) => Find(id)?.Element("summary") is { } summary ? $": {Text(summary)}" : "";

    internal void Describe(StringBuilder text, string id, string indent)
    {
        if (Find(id) is not { } member)
        {
            text.Append('\n');
            return;
        }

        foreach (var part in (string[])["summary", "remarks", "returns", "value"])
        {
            if (member.Element(part) is { } element && Text(element) is { Length: > 0 } sentence)
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}{(part is "returns" or "value" ? "Returns: " : "")}{sentence}{(indent.Length > 0 ? "  \n" : "\n\n")}");
            }
        }

        foreach (var parameter in member.Elements("param").Concat(member.Elements("typeparam")))
        {
            if (Text(parameter) is { Length: > 0 } meaning)
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}- `{parameter.Attribute("name")?.Value}`: {meaning}\n");
            }
        }

        foreach (var exception in member.Elements("exception"))
        {
            text.Append(CultureInfo.InvariantCulture, $"{indent}- throws `{Short(exception.Attribute("cref")?.Value ?? "")}`: {Text(exception)}\n");
        }

        if (indent.Length == 0)
        {
            text.Append('\n');
        }
    }

    /// <summary>A member's documentation, its own parts before those that it inherits.</summary>
    private XElement? Find(string id, int depth = 0)
    {
        if (!members.TryGetValue(id, out var member) || depth > 4)
        {
            return null;
        }

        if (member.Element("inheritdoc") is not { } inherited || inherited.Attribute("cref")?.Value is not { } from || Find(from, depth + 1) is not { } source)
        {
            return member;
        }

        var merged = new XElement(member);
        foreach (var part in source.Elements())
        {
            if (!merged.Elements(part.Name).Any(e => e.Attribute("name")?.Value == part.Attribute("name")?.Value))
            {
                merged.Add(new XElement(part));
            }
        }

        return merged;
    }

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            text.Append(node switch
            {
                XElement { Name.LocalName: "see" or "seealso" } see => see.Attribute("langword") is { } word ? $"`{word.Value}`" : see.Attribute("href") is { } address ? $"[{see.Value}]({address.Value})" : $"`{Short(see.Attribute("cref")?.Value ?? "")}`",
                XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value.Trim()}`",
                XElement { Name.LocalName: "paramref" or "typeparamref" } reference => $"`{reference.Attribute("name")?.Value}`",
                XElement inner => $" {Text(inner)} ",
                XText plain => plain.Value.Replace("<", "&lt;", StringComparison.Ordinal),
                _ => "",
            });
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The last parts of an id: <c>M:DaxSim.Machine.Mount(System.String)</c> is Machine.Mount.</summary>
    private static string Short(string id)
    {
        var name = id.Length > 2 && id[1] == ':' ? id[2..] : id;
        var end = name.IndexOf('(', StringComparison.Ordinal);
        var parts = (end < 0 ? name : name[..end]).Split('.').Select(p => p.Split('`')[0]).ToArray();
        return string.Join('.', id.StartsWith("T:", StringComparison.Ordinal) || parts.Length < 2 ? parts[^1..] : parts[^2..]);
    }
}
