using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Tests;

/// <summary>The upstream versions behind recorded releases, from the recordings' README.</summary>
public sealed class KernelReleaseTests
{
    [Theory]
    [InlineData("5.10.0-46-cloud-amd64", "5.10.262")]
    [InlineData("6.1.0-56", "6.1.192")]
    [InlineData("6.1.0-50-s390x", "6.1.176")]
    [InlineData("6.1.0-53-cloud-amd64", "6.1.176")]
    [InlineData("6.1.0-60-cloud-amd64", "6.1.192")]
    [InlineData("6.1.0-25-amd64", "6.1.88")]
    [InlineData("7.2.12+deb13-cloud-amd64", "7.2.12")]
    [InlineData("7.3.4+deb14-s390x", "7.3.4")]
    [InlineData("7.3-s390x", "7.3")]
    [InlineData("4.16.13-limited", "4.16.13")]
    [InlineData("3.19.8", "3.19.8")]
    [InlineData("5.11.0", "5.11")]
    public void TheReleaseNamesAVersion(string text, string version)
    {
        KernelRelease.TryParse(text, out var release, out _).Should().BeTrue();
        release!.Version.ToString().Should().Be(version);
    }

    [Theory]
    [InlineData("4.16.13-limited", true, false)]
    [InlineData("4.19.0-limited", true, false)]
    [InlineData("7.3-s390x", false, true)]
    [InlineData("6.1.0-50-s390x", false, true)]
    [InlineData("6.1.0-56-cloud-amd64", false, false)]
    public void TheReleaseTellsVariantAndArchitecture(string text, bool limited, bool s390)
    {
        KernelRelease.TryParse(text, out var release, out _).Should().BeTrue();
        (release!.IsLimited, release.IsS390).Should().Be((limited, s390));
    }

    [Theory]
    [InlineData("4.9.0-13-amd64", "*point release*--kernel*")]
    [InlineData("9.1.0", "*not modelled*--kernel*")]
    [InlineData("6.1-rc3", "*--kernel*")]
    [InlineData("hello", "*--kernel*")]
    [InlineData("", "*--kernel*")]
    [InlineData("6.1.0-", "*--kernel*")]
    [InlineData("6.1.0--x", "*--kernel*")]
    public void WhatIsNotUnderstoodIsRefusedWithAdvice(string text, string message)
    {
        KernelRelease.TryParse(text, out _, out var problem).Should().BeFalse();
        problem.Should().Match(message);
    }
}
