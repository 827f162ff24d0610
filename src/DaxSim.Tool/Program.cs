using DaxSim.Tool;

return ToolHost.Run(args, ToolConsole.OfProcess());
