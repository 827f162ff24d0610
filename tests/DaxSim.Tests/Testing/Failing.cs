using Xunit.Sdk;

namespace DaxSim.Tests.Testing;

/// <summary>What an assertion says when it fails.</summary>
internal static class Failing
{
    internal static string Message(Action assertion)
    {
        var message = assertion.Should().Throw<XunitException>("the assertion must fail").Which.Message;
        return message.ReplaceLineEndings("\n");
    }
}
