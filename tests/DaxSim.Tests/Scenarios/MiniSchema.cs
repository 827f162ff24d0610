using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DaxSim.Scenarios.Files;

namespace DaxSim.Tests.Scenarios;

/// <summary>As much of JSON Schema 2020-12 as the schema of scenario files uses, for YAML as an editor sees it: plain scalars are numbers and booleans where they look so.</summary>
internal sealed class MiniSchema(JsonElement root)
{
    private static readonly string[] Known =
    [
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "additionalProperties", "required", "properties", "patternProperties", "items", "enum", "pattern", "anyOf", "oneOf", "minProperties", "minimum", "maximum",
    ];

    /// <summary>The first problem, or null.</summary>
    internal string? Check(YamlNode node) => Check(root, node);

    /// <summary>Every keyword of the schema is one that this checks, so that none is silently ignored.</summary>
    internal IEnumerable<string> UnknownKeywords() => Keywords(root).Except(Known);

    private static IEnumerable<string> Keywords(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var property in schema.EnumerateObject())
        {
            yield return property.Name;
            var nested = property.Name switch
            {
                "properties" or "patternProperties" or "$defs" => property.Value.EnumerateObject().Select(p => p.Value),
                "anyOf" or "oneOf" => property.Value.EnumerateArray(),
                "items" or "additionalProperties" => [property.Value],
                _ => [],
            };
            foreach (var keyword in nested.SelectMany(Keywords))
            {
                yield return keyword;
            }
        }
    }

    private string? Check(JsonElement schema, YamlNode node)
    {
        if (schema.ValueKind == JsonValueKind.False)
        {
            return $"{node.Place}: not allowed";
        }

        foreach (var property in schema.EnumerateObject())
        {
            var problem = property.Name switch
            {
                "$ref" => Check(Resolve(property.Value.GetString()!), node),
                "type" => Types(property.Value).Any(t => Is(node, t)) ? null : $"{node.Place}: not a {property.Value}",
                "enum" => property.Value.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.Number ? node.Text == v.GetRawText() : node.Text == v.GetString()) ? null : $"{node.Place}: '{node.Text}' not in {property.Value}",
                "pattern" => node.Text is null || Regex.IsMatch(node.Text, property.Value.GetString()!) ? null : $"{node.Place}: '{node.Text}' is not like {property.Value}",
                "minimum" => !double.TryParse(node.Text, CultureInfo.InvariantCulture, out var number) || number >= property.Value.GetDouble() ? null : $"{node.Place}: too small",
                "maximum" => !double.TryParse(node.Text, CultureInfo.InvariantCulture, out var number) || number <= property.Value.GetDouble() ? null : $"{node.Place}: too large",
                "required" => property.Value.EnumerateArray().Select(r => r.GetString()).FirstOrDefault(r => node.Entries is { } e && e.TrueForAll(x => x.Key != r)) is { } missing ? $"{node.Place}: no {missing}" : null,
                "minProperties" => node.Entries is { } e && e.Count < property.Value.GetInt32() ? $"{node.Place}: too few" : null,
                "items" => node.Items?.Select(i => Check(property.Value, i)).FirstOrDefault(p => p is not null),
                "anyOf" => property.Value.EnumerateArray().Any(s => Check(s, node) is null) ? null : $"{node.Place}: none of the forms",
                "oneOf" => property.Value.EnumerateArray().Count(s => Check(s, node) is null) == 1 ? null : $"{node.Place}: not exactly one of the forms",
                "properties" => Properties(schema, node),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return schema.TryGetProperty("properties", out _) ? null : Properties(schema, node);
    }

    private string? Properties(JsonElement schema, YamlNode node)
    {
        foreach (var entry in node.Entries ?? [])
        {
            var matched = false;
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(entry.Key, out var own))
            {
                matched = true;
                if (Check(own, entry.Value) is { } problem)
                {
                    return problem;
                }
            }

            if (schema.TryGetProperty("patternProperties", out var patterns))
            {
                foreach (var pattern in patterns.EnumerateObject().Where(p => Regex.IsMatch(entry.Key, p.Name)))
                {
                    matched = true;
                    if (Check(pattern.Value, entry.Value) is { } problem)
                    {
                        return problem;
                    }
                }
            }

            if (!matched && schema.TryGetProperty("additionalProperties", out var others) && (others.ValueKind == JsonValueKind.False ? $"{entry.Place}: {entry.Key}" : others.ValueKind == JsonValueKind.Object ? Check(others, entry.Value) : null) is { } other)
            {
                return other;
            }
        }

        return null;
    }

    private JsonElement Resolve(string reference) => root.GetProperty("$defs").GetProperty(reference["#/$defs/".Length..]);

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool Is(YamlNode node, string type) => type switch
    {
        "object" => node.Entries is not null,
        "array" => node.Items is not null,
        "null" => node.IsEmpty,
        "boolean" => node.Text is "true" or "false",
        "integer" => long.TryParse(node.Text, CultureInfo.InvariantCulture, out _),
        "number" => double.TryParse(node.Text, CultureInfo.InvariantCulture, out _),
        _ => node.Text is not null,
    };
}
