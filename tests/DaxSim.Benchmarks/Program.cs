using BenchmarkDotNet.Running;
using DaxSim.Benchmarks;

if (args is ["slopes"])
{
    Slopes.Print();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
