using System.Text;
using System.Text.Json;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>The JSON Schema (2020-12) of scenario and machine files, made from what the reader itself goes by, so that the two cannot differ.</summary>
public static class ScenarioSchema
{
    private const string Version = @"(3\.1[0-9]|4\.([0-9]|1[0-9]|20)|[56]\.([0-9]|1[0-9])|7\.[0-3])(\.[0-9]+)?";
    private const string Kernels = $@"^\s*({Version}|({Version})?\s*\.\.\s*({Version})?)(\s*,\s*({Version}|({Version})?\s*\.\.\s*({Version})?))*\s*$";

    /// <summary>The schema.</summary>
    public static string Text { get; } = Make();

    private static string Make()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            new Writing(json).File();
        }

        return $"{Encoding.UTF8.GetString(stream.ToArray())}\n";
    }

    private sealed class Writing(Utf8JsonWriter json)
    {
        internal void File()
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("$id", "daxsim.schema.json");
            json.WriteString("title", "DaxSim scenario or machine");
            json.WriteString("description", "A machine, and apart from it the steps that happen there, each with what it is expected to come to. A machine file has only the part machine.");
            json.WriteString("type", "object");
            json.WriteBoolean("additionalProperties", false);
            Required("machine");
            json.WriteStartObject("properties");
            Property("$schema", "Where this schema lies.", () => Type("string"));
            Property("title", "What the scenario is about, in a line.", () => Type("string"));
            Property("why", "What it shows and why that is so.", () => Type("string"));
            Property("source", "Where the expectations come from.", () => OneOrMore(() => Type("string")));
            Property("kernels", "The kernels to run on: \"4.14\", \"4.16..4.20\", \"..4.15, 5.0..\".", KernelsOrNumber);
            Property("machine", "Kernel, architecture, configuration, memory, devices, mounts.", Machine);
            Property("steps", "What happens, in order.", () =>
            {
                Type("array");
                Object("items", () => json.WriteString("$ref", "#/$defs/step"));
            });
            json.WriteEndObject();
            Object("$defs", Definitions);
            json.WriteEndObject();
        }

        private void Definitions()
        {
            Object("size", () =>
            {
                json.WriteStartArray("type");
                json.WriteStringValue("string");
                json.WriteStringValue("integer");
                json.WriteEndArray();
                json.WriteString("pattern", "^(0x[0-9a-fA-F]+|[0-9]+([.][0-9]+)?)\\s?([KMGTPE](iB|B)?|B)?$|^[0-9]+ pages?$|^[0-9]+s$");
            });
            Object("outcome", () =>
            {
                json.WriteString("description", "ok; returns VALUE; shows WORDS; an error; a signal, perhaps with /CODE; oops, undefined, blocked, unknown, skipped, any.");
                Type("string");
                json.WriteString("pattern", $"^\\s*((returns|shows) \\s*\\S.*|SIG[A-Z]+/[A-Z_]+|{string.Join('|', ExpectedOutcome.AllWords.Where(w => w is not ("returns" or "shows")))})\\s*$");
            });
            Object("expect", () => AnyOf(
                () => json.WriteString("$ref", "#/$defs/outcome"),
                () =>
                {
                    Type("object");
                    json.WriteNumber("minProperties", 1);
                    Object("patternProperties", () =>
                    {
                        Object(Kernels, () => json.WriteString("$ref", "#/$defs/outcome"));
                        Object($"^{Expectation.Otherwise}$", () => json.WriteString("$ref", "#/$defs/outcome"));
                    });
                    json.WriteBoolean("additionalProperties", false);
                }));
            Object("mount", Mount);
            Object("device", Device);
            Object("step", Step);
        }

        private void Step()
        {
            Type("object");
            json.WriteBoolean("additionalProperties", false);
            json.WriteStartArray("oneOf");
            foreach (var verb in StepVerb.All)
            {
                json.WriteStartObject();
                Required(verb.Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Object("properties", () =>
            {
                foreach (var (name, description) in StepReader.CommonKeys)
                {
                    Property(name, description, () =>
                    {
                        if (name == "expect")
                        {
                            json.WriteString("$ref", "#/$defs/expect");
                        }
                        else if (name == "only")
                        {
                            KernelsOrNumber();
                        }
                        else
                        {
                            Scalar();
                        }
                    });
                }

                foreach (var verb in StepVerb.All)
                {
                    Property(verb.Name, verb.Description, () => Arguments(verb));
                }
            });
        }

        private void Arguments(StepVerb verb)
        {
            if (verb.Fields is [{ Kind: FieldKind.Mount }])
            {
                json.WriteString("$ref", "#/$defs/mount");
                return;
            }

            var required = verb.Fields.Where(f => f.Required).Select(f => f.Name).ToArray();
            var forms = new List<Action>
            {
                () =>
                {
                    Type("object");
                    json.WriteBoolean("additionalProperties", false);
                    Required(required);
                    Object("properties", () =>
                    {
                        foreach (var field in verb.Fields)
                        {
                            Property(field.Name, field.Description, () => Value(field));
                        }
                    });
                },
            };
            if (verb.Fields.FirstOrDefault(f => f.Name == verb.Shorthand) is { } shorthand && required.All(r => r == shorthand.Name))
            {
                forms.Add(() => Value(shorthand));
            }

            if (required.Length == 0)
            {
                forms.Add(() => Type("null"));
            }

            AnyOf([.. forms]);
        }

        private void Value(StepField field)
        {
            switch (field.Kind)
            {
                case FieldKind.Size:
                    json.WriteString("$ref", "#/$defs/size");
                    break;
                case FieldKind.Number:
                    Type("integer");
                    json.WriteNumber("minimum", 0);
                    break;
                case FieldKind.Bool:
                    Type("boolean");
                    break;
                case FieldKind.Byte:
                    AnyOf(
                        () =>
                        {
                            Type("integer");
                            json.WriteNumber("minimum", 0);
                            json.WriteNumber("maximum", 255);
                        },
                        () =>
                        {
                            Type("string");
                            json.WriteString("pattern", "^([ -~]|0x[0-9a-fA-F]{1,2}|[0-9]{1,3})$");
                        });
                    break;
                case FieldKind.Choice:
                    Enum(field.Choices);
                    break;
                case FieldKind.Flags:
                    OneOrMore(() => Enum(field.Choices));
                    break;
                default:
                    Scalar();
                    break;
            }
        }

        private void Machine()
        {
            json.WriteStartArray("type");
            json.WriteStringValue("object");
            json.WriteStringValue("null");
            json.WriteEndArray();
            json.WriteBoolean("additionalProperties", false);
            Object("properties", () =>
            {
                foreach (var key in MachineFile.Keys)
                {
                    Property(key, DescribeKey(key), () => MachineKey(key));
                }
            });
        }

        private static string DescribeKey(string key) => key switch
        {
            "kernel" => "The kernel, for example \"4.14\" or \"4.14.74\".",
            "arch" => "The architecture; that of the first device unless given.",
            "config" => "A kernel configuration file beside this one, or symbols with their values.",
            "revert" => "Commits that the kernel is to be without.",
            "pick" => "Commits that the kernel is to have.",
            "ram" => "RAM from address 0.",
            "nodes" => "RAM of each NUMA node from address 0, in place of ram.",
            "memory" => "Ranges of physical memory with their addresses.",
            "hugepages" => "The pool of huge pages.",
            "thp" => "Transparent huge pages.",
            "zvm" => "Whether it runs under z/VM.",
            "devices" => "The devices, in order.",
            "mounts" => "What is mounted, in order.",
            _ => throw new InvalidOperationException($"The schema does not know the key {key} (simulator defect)."),
        };

        private void MachineKey(string key)
        {
            switch (key)
            {
                case "kernel":
                    json.WriteStartArray("type");
                    json.WriteStringValue("string");
                    json.WriteStringValue("number");
                    json.WriteEndArray();
                    json.WriteString("pattern", $"^{Version}$");
                    break;
                case "arch":
                    Enum([.. Architecture.All.Select(a => a.Name)]);
                    break;
                case "config":
                    AnyOf(() => Type("string"), () =>
                    {
                        Type("object");
                        Object("properties", () => Property("file", "The file.", () => Type("string")));
                        Object("additionalProperties", () =>
                        {
                            json.WriteStartArray("enum");
                            json.WriteStringValue("y");
                            json.WriteStringValue("m");
                            json.WriteStringValue("n");
                            json.WriteEndArray();
                        });
                    });
                    break;
                case "revert" or "pick":
                    OneOrMore(Scalar);
                    break;
                case "ram":
                    json.WriteString("$ref", "#/$defs/size");
                    break;
                case "nodes":
                    List(() => json.WriteString("$ref", "#/$defs/size"));
                    break;
                case "hugepages":
                    Type("integer");
                    json.WriteNumber("minimum", 0);
                    break;
                case "thp":
                    Enum(["always", "madvise"]);
                    break;
                case "zvm":
                    Type("boolean");
                    break;
                case "memory":
                    List(() => Record(["kind", "start", "size"], ("kind", "What it is.", () => Enum(MachineFile.RegionWords)), Size("start", "First physical address."), Size("size", "How long it is."), ("name", "As in /proc/iomem.", () => Type("string"))));
                    break;
                case "devices":
                    List(() => json.WriteString("$ref", "#/$defs/device"));
                    break;
                default:
                    List(() => json.WriteString("$ref", "#/$defs/mount"));
                    break;
            }
        }

        private (string, string, Action) Size(string name, string description) => (name, description, () => json.WriteString("$ref", "#/$defs/size"));

        private (string, string, Action) Word(string name, string description) => (name, description, () => Type("string"));

        private void Mount() => Record(
            ["device", "path", "type"],
            Word("device", "For example /dev/pmem0, or the tag of a virtiofs device."),
            ("path", "Where.", () =>
            {
                Type("string");
                json.WriteString("pattern", "^/");
            }),
            ("type", "The filesystem.", () => Enum(DaxSim.Machine.FileSystemTypes)),
            Word("options", $"As for mount(8), or {MachineMount.UsualDax}."),
            Size("block-size", "The filesystem's block size."),
            ("features", "Features given to mkfs.", () => OneOrMore(() => Type("string"))),
            ("files", "The files on it.", () => List(() => Record(["path"], Word("path", "Below the mount."), Size("size", "Bytes."), ("content", "What it is filled with, repeated.", Scalar)))),
            ("expect", "What the mount comes to.", () => json.WriteString("$ref", "#/$defs/expect")));

        private void Device() => AnyOf(
            () =>
            {
                Type("string");
                json.WriteString("description", "A device in words: pmem:fsdax, dcssblk:SR, disk, ...");
            },
            () => Record(["device"], Word("device", "The device in words."), Word("name", "Its name below /dev.")),
            () => Record(["partition"], ("partition", "A partition.", () => Record(["on"], Word("on", "The disk."), Size("start", "Where it begins."), Size("size", "How long it is.")))),
            () => Record(["dm-linear"], ("dm-linear", "A linear table.", () => Record(["on"], ("on", "The devices.", () => OneOrMore(() => Type("string"))), Size("start", "First byte on each."))), Word("name", "Its name below /dev.")),
            () => Record(["dm-stripe"], ("dm-stripe", "A striped table.", () => Record(["on"], ("on", "The devices.", () => OneOrMore(() => Type("string"))), Size("chunk", "The size of a chunk."))), Word("name", "Its name below /dev.")));

        private void KernelsOrNumber()
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            json.WriteStringValue("number");
            json.WriteEndArray();
            json.WriteString("pattern", Kernels);
        }

        /// <summary>Text; unquoted numbers and words are text to the reader too.</summary>
        private void Scalar()
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            json.WriteStringValue("number");
            json.WriteStringValue("boolean");
            json.WriteEndArray();
        }

        private void Record(string[] required, params (string Name, string Description, Action Value)[] properties)
        {
            Type("object");
            json.WriteBoolean("additionalProperties", false);
            Required(required);
            Object("properties", () =>
            {
                foreach (var (name, description, value) in properties)
                {
                    Property(name, description, value);
                }
            });
        }

        private void Property(string name, string description, Action value) => Object(name, () =>
        {
            json.WriteString("description", description);
            value();
        });

        private void OneOrMore(Action one) => AnyOf(one, () => List(one));

        private void List(Action item)
        {
            Type("array");
            Object("items", item);
        }

        private void AnyOf(params Action[] forms)
        {
            json.WriteStartArray("anyOf");
            foreach (var form in forms)
            {
                json.WriteStartObject();
                form();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        private void Object(string name, Action body)
        {
            json.WriteStartObject(name);
            body();
            json.WriteEndObject();
        }

        private void Type(string type) => json.WriteString("type", type);

        private void Enum(IReadOnlyList<string> values)
        {
            json.WriteStartArray("enum");
            foreach (var value in values)
            {
                // Unquoted, YAML takes 0 and 1 for numbers; the reader does not mind.
                json.WriteStringValue(value);
                if (int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number))
                {
                    json.WriteNumberValue(number);
                }
            }

            json.WriteEndArray();
        }

        private void Required(params string[] names)
        {
            if (names.Length == 0)
            {
                return;
            }

            json.WriteStartArray("required");
            foreach (var name in names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }
    }
}
