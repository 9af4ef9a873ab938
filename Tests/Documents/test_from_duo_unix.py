"""The PAM step of operations.md, *From duo_unix*, does to duo_unix's lines what it says, and nothing to others."""

import re
import subprocess

import pytest

from conftest import ROOT

BLOCK = re.compile(r"^   ```\n(   cp -a /etc/pam\.d .*?)^   ```$", re.M | re.S)
AFTER = "auth  [success=1 ignore=ignore default=die] pam_duet.so\n"


@pytest.mark.parametrize(
    "before, after",
    [
        ("auth  [success=1 default=ignore] pam_duo.so\n", AFTER),
        ("auth  [success=1 default=ignore] /lib64/security/pam_duo.so conf=/etc/duo/other.conf\n", AFTER),
        ("# auth [success=1 default=ignore] pam_duo.so\n", None),
        ("auth\t[success=1 default=ignore]\tpam_unix.so nullok\n", None),
        ("auth requisite pam_duo.so\n", None),
        ("auth sufficient pam_duo.so\n", None),
    ],
)
def test_the_step_changes_the_lines_of_duo_unix(tmp_path, before, after):
    (tmp_path / "pam.d").mkdir()
    around = "auth requisite pam_unix.so nullok\n{}auth requisite pam_deny.so\nauth required pam_permit.so\n"
    (tmp_path / "pam.d/common-auth").write_text(around.format(before))
    # One that is always found, so that sed has a file.
    (tmp_path / "pam.d/other").write_text("auth [success=1 default=ignore] pam_duo.so\n")
    (tmp_path / "elsewhere").write_text(before)
    (tmp_path / "pam.d/link").symlink_to(tmp_path / "elsewhere")
    step = BLOCK.search((ROOT / "docs/operations.md").read_text())[1]
    step = step.replace("/etc/pam.d", f"{tmp_path}/pam.d").replace("/root", str(tmp_path))
    subprocess.run(["bash", "-c", step], check=False, timeout=30, capture_output=True)
    assert (tmp_path / "pam.d/common-auth").read_text() == around.format(after or before)
    assert (tmp_path / "pam.d.duo_unix/common-auth").read_text() == around.format(before)
    # sed -i would put a file in the link's place.
    assert (tmp_path / "pam.d/link").is_symlink() and (tmp_path / "elsewhere").read_text() == before
