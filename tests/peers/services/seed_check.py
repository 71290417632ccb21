"""A check of access tokens as many small FastAPI services have it: the token on stdin, the secret in a
file. Exit 0 lets in."""
import pathlib
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from jose import JWTError, jwt

ALGORITHM = "HS256"


class CredentialsException(Exception):
    pass


def verify_access_token(token, secret_key, credentials_exception):
    try:
        payload = jwt.decode(token, secret_key, algorithms=[ALGORITHM])
        user = payload.get("id")
        if user is None:
            raise credentials_exception
    except JWTError as problem:
        raise credentials_exception from problem
    return user


if __name__ == "__main__":
    try:
        verify_access_token(sys.stdin.read().strip(), pathlib.Path(sys.argv[1]).read_text().strip(),
                            CredentialsException())
    except CredentialsException:
        sys.exit(1)
