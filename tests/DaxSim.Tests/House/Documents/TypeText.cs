using System.Globalization;
using System.Reflection;

namespace DaxSim.Tests.House.Documents;

/// <summary>Types and members as C# writes them.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(double)] = "double", [typeof(char)] = "char", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    /// <summary>The name of a type, with those it is nested in and its parameters.</summary>
    internal static string NameOf(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsByRef || type.IsPointer)
        {
            return NameOf(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{NameOf(value)}?";
        }

        if (type.IsGenericType && type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) is true)
        {
            return $"({string.Join(", ", type.GetGenericArguments().Select(NameOf))})";
        }

        var name = type.Name.Split('`')[0];
        var arguments = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).ToList();
        name = type.IsGenericParameter || arguments.Count == 0 ? name : $"{name}<{string.Join(", ", arguments.Select(NameOf))}>";
        return type.IsNested && !type.IsGenericParameter ? $"{NameOf(type.DeclaringType!)}.{name}" : name;
    }

    internal static string Declaration(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsValueType ? "struct" : type.GetMethod("<Clone>$") is not null ? "record" : "class";
        var modifiers = type is { IsAbstract: true, IsSealed: true } ? "static " : kind is "class" or "record" ? type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "" : kind == "struct" && type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)) ? "readonly " : "";
        return $"public {modifiers}{kind} {NameOf(type)}";
    }

    internal static string Signature(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{NameOf(constructor.DeclaringType!).Split('<')[0]}({Parameters(constructor)})",
        MethodInfo method => $"{(method.IsStatic ? "static " : "")}{Return(method)} {method.Name}{(method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "")}({(IsExtension(method) ? "this " : "")}{Parameters(method)})",
        PropertyInfo property => $"{((property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "")}{NameOf(property.PropertyType)}{Question(property)} {(property.GetIndexParameters().Length > 0 ? $"this[{string.Join(", ", property.GetIndexParameters().Select(Parameter))}]" : property.Name)} {{ {Accessors(property)} }}",
        FieldInfo field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {Constant(field.GetRawConstantValue(), field.FieldType)}" : "")}",
        _ => member.Name,
    };

    private static bool IsExtension(MethodInfo method) => method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute));

    private static string Return(MethodInfo method) => NameOf(method.ReturnType) + (new NullabilityInfoContext().Create(method.ReturnParameter).ReadState == NullabilityState.Nullable && !method.ReturnType.IsValueType && !method.ReturnType.IsGenericParameter ? "?" : "");

    private static string Question(PropertyInfo property) => !property.PropertyType.IsValueType && !property.PropertyType.IsGenericParameter && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Accessors(PropertyInfo property)
    {
        var accessors = new List<string>();
        if (property.GetMethod is { IsPublic: true })
        {
            accessors.Add("get;");
        }

        if (property.SetMethod is { IsPublic: true } setter)
        {
            accessors.Add(setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)) ? "init;" : "set;");
        }

        return string.Join(' ', accessors);
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var modifier = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? parameter.IsIn ? "in " : "ref " : parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.GetCustomAttributesData().Any(a => a.AttributeType.Name == "ParamCollectionAttribute") ? "params " : "";
        var question = !parameter.ParameterType.IsValueType && !parameter.ParameterType.IsByRef && !parameter.ParameterType.IsGenericParameter && new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable ? "?" : "";
        return $"{modifier}{NameOf(parameter.ParameterType)}{question} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Constant(parameter.RawDefaultValue, parameter.ParameterType)}" : "")}";
    }

    private static string Constant(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => string.Join(" | ", Enum.ToObject(type, value).ToString()!.Split(", ").Select(name => $"{NameOf(type)}.{name}")),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}

/// <summary>The ids by which XML documentation names types and members (C# specification, annex D).</summary>
internal static class DocumentationId
{
    internal static string Of(Type type) => $"T:{Name(type)}";

    internal static string Of(MemberInfo member)
    {
        var owner = Name(member.DeclaringType!);
        return member switch
        {
            ConstructorInfo constructor => $"M:{owner}.#ctor{Parameters(constructor.GetParameters())}",
            MethodInfo method => $"M:{owner}.{method.Name.Replace('.', '#')}{(method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")}{Parameters(method.GetParameters())}",
            PropertyInfo property => $"P:{owner}.{property.Name}{Parameters(property.GetIndexParameters())}",
            FieldInfo => $"F:{owner}.{member.Name}",
            EventInfo => $"E:{owner}.{member.Name}",
            _ => "",
        };
    }

    private static string Parameters(ParameterInfo[] parameters) => parameters.Length == 0 ? "" : $"({string.Join(",", parameters.Select(p => Argument(p.ParameterType)))})";

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string Argument(Type type)
    {
        if (type.IsByRef)
        {
            return $"{Argument(type.GetElementType()!)}@";
        }

        if (type.IsArray)
        {
            return $"{Argument(type.GetElementType()!)}[]";
        }

        if (type.IsGenericParameter)
        {
            return type.DeclaringMethod is null ? $"`{type.GenericParameterPosition}" : $"``{type.GenericParameterPosition}";
        }

        return type.IsGenericType
            ? $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.')}{{{string.Join(",", type.GetGenericArguments().Select(Argument))}}}"
            : type.FullName!.Replace('+', '.');
    }
}
