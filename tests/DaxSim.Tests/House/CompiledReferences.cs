using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace DaxSim.Tests.House;

/// <summary>One type of the library using another: in a signature, as a base type, or in the body of a method.</summary>
internal sealed record Reference(string From, string To, string Member);

/// <summary>
/// Every reference between the types of an assembly, read from its metadata and method bodies, so that nothing a source reader
/// might overlook (an inferred type, an extension method, a lambda) escapes.
/// </summary>
internal sealed class CompiledReferences : ISignatureTypeProvider<ImmutableHashSet<string>, object?>
{
    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(f => (OpCode)f.GetValue(null)!)
        .ToDictionary(o => (int)(ushort)o.Value);

    private readonly MetadataReader reader;
    private readonly PEReader file;
    private readonly HashSet<Reference> found = [];

    private CompiledReferences(PEReader file)
    {
        this.file = file;
        reader = file.GetMetadataReader();
    }

    internal static IReadOnlyCollection<Reference> Of(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var references = new CompiledReferences(file);
        foreach (var type in references.reader.TypeDefinitions)
        {
            references.Read(type);
        }

        return references.found;
    }

    private void Read(TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var from = Outermost(handle);
        Add(from, "its base type", TypesOf(type.BaseType));
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            Add(from, "its interfaces", TypesOf(reader.GetInterfaceImplementation(implemented).Interface));
        }

        foreach (var parameter in type.GetGenericParameters())
        {
            ReadConstraints(from, parameter);
        }

        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            Add(from, reader.GetString(field.Name), field.DecodeSignature(this, null));
        }

        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
        {
            Read(from, method);
        }
    }

    private void Read(string from, MethodDefinition method)
    {
        var name = reader.GetString(method.Name);
        Add(from, name, TypesOf(method.DecodeSignature(this, null)));
        foreach (var parameter in method.GetGenericParameters())
        {
            ReadConstraints(from, parameter);
        }

        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            foreach (var local in reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null))
            {
                Add(from, name, local);
            }
        }

        foreach (var region in body.ExceptionRegions.Where(r => r.Kind == ExceptionRegionKind.Catch))
        {
            Add(from, name, TypesOf(region.CatchType));
        }

        ReadInstructions(from, name, body.GetILReader());
    }

    private void ReadInstructions(string from, string name, BlobReader code)
    {
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xfe)
            {
                value = (value << 8) | code.ReadByte();
            }

            switch (OpCodesByValue[value].OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Add(from, name, TypesOf((EntityHandle)MetadataTokens.Handle(code.ReadInt32())));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.Offset += 8;
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.InlineSig or OperandType.InlineString or OperandType.ShortInlineR:
                    code.Offset += 4;
                    break;
                case OperandType.InlineVar:
                    code.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.Offset += 1;
                    break;
            }
        }
    }

    private ImmutableHashSet<string> TypesOf(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return [];
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return [Outermost((TypeDefinitionHandle)handle)];
            case HandleKind.TypeSpecification:
                return reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
            case HandleKind.FieldDefinition:
                var field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                return field.DecodeSignature(this, null).Add(Outermost(field.GetDeclaringType()));
            case HandleKind.MethodDefinition:
                var method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                return TypesOf(method.DecodeSignature(this, null)).Add(Outermost(method.GetDeclaringType()));
            case HandleKind.MethodSpecification:
                var specification = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                return specification.DecodeSignature(this, null).Aggregate(TypesOf(specification.Method), (all, some) => all.Union(some));
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                var signature = member.GetKind() == MemberReferenceKind.Field ? member.DecodeFieldSignature(this, null) : TypesOf(member.DecodeMethodSignature(this, null));
                return signature.Union(TypesOf(member.Parent));
            default:
                return [];
        }
    }

    private static ImmutableHashSet<string> TypesOf(MethodSignature<ImmutableHashSet<string>> signature)
        => signature.ParameterTypes.Aggregate(signature.ReturnType, (all, some) => all.Union(some));

    private void ReadConstraints(string from, GenericParameterHandle parameter)
    {
        foreach (var constraint in reader.GetGenericParameter(parameter).GetConstraints())
        {
            Add(from, "a constraint", TypesOf(reader.GetGenericParameterConstraint(constraint).Type));
        }
    }

    private void Add(string from, string member, ImmutableHashSet<string> targets)
    {
        foreach (var to in targets)
        {
            if (to != from)
            {
                found.Add(new Reference(from, to, member));
            }
        }
    }

    /// <summary>The full name of the type, or of the type it is nested in (closures and state machines are nested types).</summary>
    private string Outermost(TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }

    ImmutableHashSet<string> ISimpleTypeProvider<ImmutableHashSet<string>>.GetPrimitiveType(PrimitiveTypeCode typeCode) => [];

    ImmutableHashSet<string> ISimpleTypeProvider<ImmutableHashSet<string>>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => [Outermost(handle)];

    ImmutableHashSet<string> ISimpleTypeProvider<ImmutableHashSet<string>>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => [];

    ImmutableHashSet<string> ISZArrayTypeProvider<ImmutableHashSet<string>>.GetSZArrayType(ImmutableHashSet<string> elementType) => elementType;

    ImmutableHashSet<string> IConstructedTypeProvider<ImmutableHashSet<string>>.GetArrayType(ImmutableHashSet<string> elementType, ArrayShape shape) => elementType;

    ImmutableHashSet<string> IConstructedTypeProvider<ImmutableHashSet<string>>.GetByReferenceType(ImmutableHashSet<string> elementType) => elementType;

    ImmutableHashSet<string> IConstructedTypeProvider<ImmutableHashSet<string>>.GetGenericInstantiation(ImmutableHashSet<string> genericType, ImmutableArray<ImmutableHashSet<string>> typeArguments)
        => typeArguments.Aggregate(genericType, (all, some) => all.Union(some));

    ImmutableHashSet<string> IConstructedTypeProvider<ImmutableHashSet<string>>.GetPointerType(ImmutableHashSet<string> elementType) => elementType;

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetFunctionPointerType(MethodSignature<ImmutableHashSet<string>> signature) => TypesOf(signature);

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetGenericMethodParameter(object? genericContext, int index) => [];

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetGenericTypeParameter(object? genericContext, int index) => [];

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetModifiedType(ImmutableHashSet<string> modifier, ImmutableHashSet<string> unmodifiedType, bool isRequired) => unmodifiedType;

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetPinnedType(ImmutableHashSet<string> elementType) => elementType;

    ImmutableHashSet<string> ISignatureTypeProvider<ImmutableHashSet<string>, object?>.GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
}
