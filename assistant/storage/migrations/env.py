"""What Alembic runs: the migrations, on the connection it is given."""

from alembic import context

from assistant.storage.models import Base

connection = context.config.attributes["connection"]
# SQLite cannot alter a constraint: a table is then copied, which « batch » asks for.
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
