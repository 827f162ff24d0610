using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DaxSim.Tool.Json;

/// <summary>Writes the program's JSON without reflection.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Serialization,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true)]
[JsonSerializable(typeof(HistoryJson[]))]
[JsonSerializable(typeof(AdmitJson))]
[JsonSerializable(typeof(WhyJson))]
[JsonSerializable(typeof(CellAnswerJson))]
[JsonSerializable(typeof(WhyCellJson))]
[JsonSerializable(typeof(OperationMatrixJson))]
[JsonSerializable(typeof(MatrixJson))]
[JsonSerializable(typeof(ImportJson))]
[JsonSerializable(typeof(DoctorJson))]
[JsonSerializable(typeof(RunJson))]
[JsonSerializable(typeof(ReportJson))]
[JsonSerializable(typeof(StraceJson))]
[JsonSerializable(typeof(StraceJson[]))]
internal sealed partial class ToolJson : JsonSerializerContext;
