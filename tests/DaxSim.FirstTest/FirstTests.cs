public class FirstTests
{
    [Fact]
    public void A_driver_cannot_take_a_page_that_has_no_struct_page()
    {
        var usr = Machines.DcssUsr("4.16");        // /usr on a shared z/VM segment, ext2 with DAX
        var text = usr.MapAndTouch();              // a private mapping of bin/ls, its first page loaded

        var result = usr.Process.GetUserPages(text, 1);

        result.Should().FailWith(Errno.EFAULT);
    }
}
