using DaxSim.Conformance.Runner;

return ConformanceRunner.Run(args, Console.Out, Console.Error);
