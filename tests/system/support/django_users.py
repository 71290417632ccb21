#!/usr/bin/python3
"""A Django project made on the spot: prints `dumpdata` of its users, one a password hasher.

    django_users.py DATABASE PASSWORD HASHER…
"""
import sys

import django
from django.conf import settings

database, password, *hashers = sys.argv[1:]
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"], USE_TZ=True,
    PASSWORD_HASHERS=["django.contrib.auth.hashers." + name for name in (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "BCryptSHA256PasswordHasher",
        "BCryptPasswordHasher", "Argon2PasswordHasher")])
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402

call_command("migrate", verbosity=0)
editors = Group.objects.create(name="Site Editors")
for hasher in hashers:
    user = User.objects.create(username=hasher, email=hasher + "@example.org", first_name="Ada",
                               last_name=hasher, password=make_password(password, hasher=hasher))
    user.groups.add(editors)
User.objects.create(username="gone", email="gone@example.org", is_active=False,
                    password=make_password(None))
call_command("dumpdata", "auth.group", "auth.user", indent=2)
