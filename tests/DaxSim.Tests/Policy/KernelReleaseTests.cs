using DaxSim.Policy;

namespace DaxSim.Tests.Policy;

/// <summary>The upstream versions behind releases: of Debian's, the versions of its linux-image packages.</summary>
public sealed class KernelReleaseTests
{
    [Theory]
    [InlineData("5.10.0-46-cloud-amd64", "5.10.262")]
    [InlineData("6.1.0-56", "6.1.192")]
    [InlineData("6.1.0-50-s390x", "6.1.176")]
    [InlineData("6.1.0-53-cloud-amd64", "6.1.187")]
    [InlineData("6.1.0-0.deb11.48-cloud-amd64", "6.1.172")]
    [InlineData("6.12.107+deb13-cloud-amd64", "6.12.107")]
    [InlineData("6.1.0-60-cloud-amd64", "6.1.192")]
    [InlineData("6.1.0-25-amd64", "6.1.90")]
    [InlineData("7.2.12+deb13-cloud-amd64", "7.2.12")]
    [InlineData("7.3.4+deb14-s390x", "7.3.4")]
    [InlineData("5.15.0-25-generic", "5.15.30")]
    [InlineData("5.15.0-30-lowlatency", "5.15.30")]
    [InlineData("6.14.0-13-generic", "6.14")]
    [InlineData("7.3-s390x", "7.3")]
    [InlineData("4.16.13-limited", "4.16.13")]
    [InlineData("3.19.8", "3.19.8")]
    [InlineData("5.11.0", "5.11")]
    public void TheReleaseNamesAVersion(string text, string version)
    {
        KernelRelease.TryRead(text, out var release, out _).Should().BeTrue();
        release!.Version.ToString().Should().Be(version);
    }

    [Theory]
    [InlineData("4.16.13-limited", null)]
    [InlineData("7.3-s390x", "s390x")]
    [InlineData("6.1.0-50-s390x", "s390x")]
    [InlineData("6.1.0-56-cloud-amd64", "x86_64")]
    [InlineData("6.12.0-arm64", "arm64")]
    public void TheReleaseMayTellTheArchitecture(string text, string? architecture)
    {
        KernelRelease.TryRead(text, out var release, out _).Should().BeTrue();
        release!.Architecture?.Name.Should().Be(architecture);
    }

    [Theory]
    [InlineData("4.9.0-13-amd64", "*point release*--kernel*")]
    [InlineData("6.6.0-14-generic", "*point release*--kernel*")]
    [InlineData("9.1.0", "*not modelled*--kernel*")]
    [InlineData("6.1-rc3", "*--kernel*")]
    [InlineData("hello", "*--kernel*")]
    [InlineData("", "*--kernel*")]
    [InlineData("6.1.0-", "*--kernel*")]
    [InlineData("6.1.0--x", "*--kernel*")]
    public void WhatIsNotUnderstoodIsRefusedWithAdvice(string text, string message)
    {
        KernelRelease.TryRead(text, out _, out var problem).Should().BeFalse();
        problem.Should().Match(message);
    }
}
