using BenchmarkDotNet.Running;
using DaxSim.Benchmarks;

if (args is ["slopes"])
{
    Slopes.Print();
}
else if (args is ["first"] or ["nothing"])
{
    // What a process pays for its first use: the difference between the two, from outside the process, with any tool that counts processor time.
    Console.WriteLine(args is ["first"] ? Scenes.WholeTest() : 0);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
