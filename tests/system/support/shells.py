"""Shells under a pseudo-terminal, typed into as by a person, and asked what stands on their line."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

COLUMNS = 100
PATIENCE = 30


class Shell:
    """A running shell. `setup` is typed first; it binds ^X^P to write the line to the file `line`."""

    def __init__(self, argv, env, home, setup):
        self.line_file = home / "line"
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            argv, cwd=home, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        for command in setup:
            self.send(command + "\r")
        self.send("echo re''ady\r")
        self.read_until("ready")

    def send(self, text):
        os.write(self.master, text.encode())

    def read_for(self, seconds):
        """What the screen got; ends early where the shell does."""
        data = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                try:
                    data += os.read(self.master, 65536)
                except OSError:
                    break
        return data.decode("utf-8", "replace")

    def read_until(self, text):
        seen = ""
        end = time.monotonic() + PATIENCE
        while text not in seen:
            if time.monotonic() > end:
                raise AssertionError(f"no {text!r} on the screen, but:\n{seen}")
            seen += self.read_for(0.05)
        return seen

    def line_after(self, keys):
        """What stands on the line once these keys were pressed; the line is emptied afterwards."""
        self.line_file.unlink(missing_ok=True)
        self.send(keys + "\x18\x10")
        end = time.monotonic() + PATIENCE
        # The shell ends what it writes with a mark, since a file is there before it is whole.
        while not (self.line_file.exists() and self.line_file.read_text().endswith("\x04")):
            if time.monotonic() > end:
                raise AssertionError(f"the shell does not answer; the screen:\n{self.read_for(0.1)}")
            self.read_for(0.02)
        self.send("\x05\x15")
        return self.line_file.read_text()[:-1]

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.master)


def bash(env, home, *setup):
    write = r"""bind -x '"\C-x\C-p": printf "%s\004" "$READLINE_LINE" > "$HOME/line"'"""
    return Shell(["/bin/bash", "--norc", "--noprofile", "-i"], env, home,
                 ["PS1='$ '", "bind 'set bell-style none'", "bind 'set enable-bracketed-paste off'", write,
                  *setup])


def zsh(env, home, *setup):
    write = r"""show-line() { printf '%s\004' "$BUFFER" > $HOME/line }; zle -N show-line; bindkey '^X^P' show-line"""
    return Shell(["/usr/bin/zsh", "-f", "-i"], env, home,
                 ["PS1='$ '", "bindkey -e", "setopt no_beep", "unset zle_bracketed_paste", write,
                  *setup, "autoload -Uz compinit; compinit -u -D"])


def fish(env, home, *setup):
    write = r"""bind \cx\cp 'printf "%s\004" (commandline) > $HOME/line'"""
    return Shell(["/usr/bin/fish", "--no-config", "--interactive"], env, home,
                 ["function fish_prompt; echo '$ '; end", "set -g fish_autosuggestion_enabled 0", write, *setup])
