using System.Globalization;
using System.Text;

namespace DaxSim.Devices;

/// <summary>/proc/sysinfo as sysinfo_show writes it, with a blank line before each level.</summary>
internal static class SysinfoText
{
    internal static string Write(SystemInformation information)
    {
        var text = new StringBuilder();
        WriteMachine(text, information);
        if (information.Partition is { } partition)
        {
            WritePartition(text, partition);
            for (var level = 0; level < information.VirtualMachines.Count; level++)
            {
                WriteVirtualMachine(text, level, information.VirtualMachines[level]);
            }
        }

        return text.ToString();
    }

    private static void WriteMachine(StringBuilder text, SystemInformation information)
    {
        Line(text, "Manufacturer:", Field(information.Manufacturer, 16));
        Line(text, "Type:", Field(information.Type, 4));
        Line(text, "Model:", information.Model.Length > 0 ? $"{Field(information.ModelCapacity, 16)} {Field(information.Model, 16)}" : Field(information.ModelCapacity, 16));
        Line(text, "Sequence Code:", Field(information.SequenceCode, 16));
        Line(text, "Plant:", Field(information.Plant, 4));
        Line(text, "Model Capacity:", string.Create(CultureInfo.InvariantCulture, $"{Field(information.ModelCapacity, 16)} {information.ModelCapacityRating:D8}"));
        text.Append('\n');
        WriteProcessors(text, "CPUs", information.Processors);
        Line(text, "Capability:", Number(information.Capability));
        for (var i = 0; i < information.Adjustments.Count; i++)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"Adjustment {i + 2:D2}-way:"), Number(information.Adjustments[i]));
        }
    }

    private static void WritePartition(StringBuilder text, LogicalPartition partition)
    {
        text.Append('\n');
        Line(text, "LPAR Number:", Number(partition.Number));
        var characteristics = new StringBuilder();
        foreach (var one in (PartitionCharacteristics[])[PartitionCharacteristics.Dedicated, PartitionCharacteristics.Shared, PartitionCharacteristics.Limited])
        {
            if (partition.Characteristics.HasFlag(one))
            {
                characteristics.Append(one).Append(' ');
            }
        }

        Line(text, "LPAR Characteristics:", characteristics.ToString());
        Line(text, "LPAR Name:", Field(partition.Name, 8));
        Line(text, "LPAR Adjustment:", Number(partition.Adjustment));
        WriteProcessors(text, "LPAR CPUs", partition.Processors);
        Line(text, "LPAR CPUs Dedicated:", Number(partition.Dedicated));
        Line(text, "LPAR CPUs Shared:", Number(partition.Shared));
    }

    private static void WriteVirtualMachine(StringBuilder text, int level, VirtualMachine machine)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"VM{level:D2}");
        text.Append('\n');
        Line(text, $"{name} Name:", Field(machine.Name, 8));
        Line(text, $"{name} Control Program:", Field(machine.ControlProgram, 16));
        Line(text, $"{name} Adjustment:", Number(machine.Adjustment));
        WriteProcessors(text, $"{name} CPUs", machine.Processors);
    }

    private static void WriteProcessors(StringBuilder text, string whose, SystemProcessors processors)
    {
        Line(text, $"{whose} Total:", Number(processors.Total));
        Line(text, $"{whose} Configured:", Number(processors.Configured));
        Line(text, $"{whose} Standby:", Number(processors.Standby));
        Line(text, $"{whose} Reserved:", Number(processors.Reserved));
    }

    private static void Line(StringBuilder text, string label, string value) => text.Append(label.PadRight(22)).Append(value).Append('\n');

    private static string Field(string value, int width) => (value.Length > width ? value[..width] : value).PadRight(width);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
