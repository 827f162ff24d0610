using System.Reflection;
using System.Xml.Linq;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.House;

/// <summary>The public interface of the libraries: everything is documented, nothing leaks that users do not need.</summary>
public class PublicInterfaceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] MadeByTheCompiler = ["Equals", "GetHashCode", "ToString", "Deconstruct", "PrintMembers", "<Clone>$", "EqualityContract", "value__"];

    public static TheoryData<Assembly> Libraries => [typeof(Machine).Assembly, typeof(DaxSim.Testing.Machines).Assembly, typeof(DaxSimAssertionExtensions).Assembly, Assembly.Load("DaxSim.Scenarios")];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Every_public_member_is_documented(Assembly library)
    {
        var documented = Documentation(library);
        var missing = library.GetExportedTypes().SelectMany(Names).Where(n => !documented.Contains(n.Id)).Select(n => n.Id);

        missing.Distinct().Order(StringComparer.Ordinal).Should().BeEmpty();
    }

    /// <summary>The compiler joins the comments of a type's parts, and readers of the documentation are shown any one of them.</summary>
    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_type_in_several_files_is_summed_up_once(Assembly library)
    {
        var visible = library.GetExportedTypes().Select(t => $"T:{t.FullName!.Replace('+', '.')}").ToHashSet(StringComparer.Ordinal);
        var twice = XDocument.Load(Path.ChangeExtension(library.Location, "xml")).Descendants("member").Where(m => m.Elements("summary").Skip(1).Any()).Select(m => m.Attribute("name")!.Value);

        twice.Where(visible.Contains).Should().BeEmpty();
    }

    [Fact]
    public void Every_behaviour_is_documented_at_the_property_of_its_name()
    {
        var documented = Documentation(typeof(KernelPolicy).Assembly);

        Enum.GetNames<PolicyProperty>().Where(n => !documented.Contains($"P:{typeof(KernelPolicy).FullName}.{n}")).Should().BeEmpty();
    }

    /// <summary>A public member whose type is internal cannot be; but one that hands out collections to change, or fields, could.</summary>
    [Theory]
    [MemberData(nameof(Libraries))]
    public void State_is_not_handed_out_to_be_changed(Assembly library)
    {
        var types = library.GetExportedTypes().Where(t => !t.IsEnum).ToList();
        var fields = types.SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Instance)).Where(f => !f.IsInitOnly).Select(f => $"{f.DeclaringType}.{f.Name}");
        var collections = types.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(p => p.PropertyType.IsGenericType && (p.PropertyType.GetGenericTypeDefinition() == typeof(List<>) || p.PropertyType.GetGenericTypeDefinition() == typeof(Dictionary<,>) || p.PropertyType.GetGenericTypeDefinition() == typeof(IList<>)))
            .Select(p => $"{p.DeclaringType}.{p.Name}");

        fields.Concat(collections).Should().BeEmpty();
    }

    /// <summary>A list that is handed out twice is kept: as an array or a List it could be cast and changed.</summary>
    [Fact]
    public void Lists_that_are_kept_cannot_be_cast_and_changed()
    {
        var pmem = DaxSim.Testing.Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(DaxSim.AddressSpaces.MapFlags.Shared, write: true);
        var taken = pmem.Process.PinUserPages(address, 1);
        var roots = new object[] { pmem, taken.Value, Explanation.Of(taken)!, pmem.Process.View(address), pmem.Process.OpenUserfaultfd().Value, pmem.Process.DumpCore(), pmem.Machine.TryAdmit("/dev/pmem0", "xfs") };
        var open = new Queue<object>(roots);
        var castable = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<object>(new ByIdentity());
        foreach (var type in typeof(Machine).Assembly.GetExportedTypes().Where(static t => !t.ContainsGenericParameters))
        {
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Static))
            {
                open.Enqueue(property.GetValue(null)!);
                if (Castable(property, null))
                {
                    castable.Add($"{type.Name}.{property.Name}");
                }
            }
        }

        while (open.TryDequeue(out var value))
        {
            if (value is System.Collections.IEnumerable list and not string)
            {
                foreach (var item in list)
                {
                    Visit(item, open, seen);
                }
            }

            if (value.GetType().Assembly == typeof(Machine).Assembly || value.GetType().Assembly == typeof(DaxSim.Testing.Machines).Assembly)
            {
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.GetIndexParameters().Length == 0 && !p.PropertyType.IsEnum && !p.PropertyType.IsPrimitive))
                {
                    if (Castable(property, value))
                    {
                        castable.Add($"{value.GetType().Name}.{property.Name}");
                    }

                    Visit(Get(property, value), open, seen);
                }
            }
        }

        seen.Count.Should().BeGreaterThan(100);
        castable.Should().BeEmpty();
    }

    private static void Visit(object? value, Queue<object> open, HashSet<object> seen)
    {
        if (value is not null and not string and not Enum && !value.GetType().IsPrimitive && seen.Add(value))
        {
            open.Enqueue(value);
        }
    }

    private static bool Castable(PropertyInfo property, object? owner)
        => Get(property, owner) is System.Collections.IList { Count: > 0 } list && (list is Array || !list.IsReadOnly) && ReferenceEquals(list, Get(property, owner));

    /// <summary>Objects are themselves, values are what they are worth.</summary>
    private sealed class ByIdentity : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || (x is ValueType && x.Equals(y));

        public int GetHashCode(object obj) => obj is ValueType ? obj.GetHashCode() : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
    }

    /// <summary>Null where the property does not apply, such as the value of a failure.</summary>
    private static object? Get(PropertyInfo property, object? owner)
    {
        try
        {
            return property.GetValue(owner);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    /// <summary>Only what holds something of the machine is disposable: pages that a driver took.</summary>
    [Fact]
    public void Disposable_is_what_owns_something()
    {
        typeof(Machine).Assembly.GetExportedTypes().Where(t => t.IsAssignableTo(typeof(IDisposable))).Select(t => t.Name).Should().Equal(nameof(UserFrames), nameof(UserPages));
    }

    private static HashSet<string> Documentation(Assembly library)
        => XDocument.Load(Path.ChangeExtension(library.Location, "xml")).Descendants("member")
            .Where(m => m.Elements().Any(e => e.Name.LocalName == "inheritdoc" || (e.Name.LocalName == "summary" && !string.IsNullOrWhiteSpace(string.Concat(e.DescendantNodes())))))
            .Select(m => m.Attribute("name")!.Value.Split('(')[0].Split('~')[0])
            .Select(n => n.Contains("``", StringComparison.Ordinal) ? n[..n.IndexOf("``", StringComparison.Ordinal)] : n)
            .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<(string Id, MemberInfo Member)> Names(Type type)
    {
        var name = type.FullName!.Replace('+', '.');
        yield return ($"T:{name}", type);
        foreach (var member in type.GetMembers(Declared).Where(m => IsVisible(m) && !MadeByTheCompiler.Contains(m.Name)))
        {
            var kind = member switch { MethodInfo { IsSpecialName: true } => null, MethodInfo => "M", PropertyInfo => "P", FieldInfo { DeclaringType: var t } when t != typeof(PolicyProperty) => "F", EventInfo => "E", _ => null };
            if (kind is not null)
            {
                yield return ($"{kind}:{name}.{member.Name.Replace('.', '#')}", member);
            }
        }
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        _ => true,
    };
}
