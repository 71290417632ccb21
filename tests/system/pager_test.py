"""Long lists in the real less, under a terminal of its own."""
from tests.cli.run import STEP_SECONDS, Terminal
from tests.system.support import scratch
from tests.system.support.scratch import ScratchTest, binary


class InLess(ScratchTest):
    def setUp(self):
        super().setUp()
        self.init()
        for n in range(10, 40):
            self.ok("role", "create", f"role{n}")

    def list_roles(self, answers, **more):
        terminal = Terminal(f"exec {binary()} role list --fields name",
                            self.environment(TERM="xterm", **more), answers, STEP_SECONDS)
        code, output = terminal.run()
        self.assertEqual(terminal.answers, [], output)
        return code, output.decode()

    def test_it_shows_a_screen_and_leaves_when_told(self):
        code, output = self.list_roles(["q"])
        self.assertEqual(code, 0, output)
        self.assertIn("role31", output)
        self.assertNotIn("role39", output)

    def test_it_goes_on_when_told(self):
        code, output = self.list_roles([" ", "q"])
        self.assertEqual(code, 0, output)
        self.assertIn("role39", output)

    def test_ctrl_c_is_the_pagers(self):
        code, output = self.list_roles(["^C", "G", "q"])
        self.assertEqual(code, 0, output)
        self.assertIn("role39", output)

    def test_it_gives_nobody_a_shell(self):
        # Where less may, this runs a command "r"; else "r" draws the screen again.
        code, output = self.list_roles(["!r", "q"])
        self.assertEqual(code, 0, output)
        self.assertNotIn("done", output)

    def test_what_people_told_less_themselves_stands(self):
        _, output = self.list_roles(["q"], LESS="N")
        self.assertRegex(output, r"  3.*role11")


if __name__ == "__main__":
    scratch.main()
